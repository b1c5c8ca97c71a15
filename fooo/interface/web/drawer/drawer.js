// In the drawer: LoRAs are added by name, weighed and taken away; the words they were trained with go into the prompt.

const chosenLoras = () => held("models-loras") ?? [];

// The server writes the rows anew, and with them the one that had the focus.
function holdLoras(now, focus) {
  const place = find("#loras");
  const observer = new MutationObserver(() => {
    const target = place.querySelector(focus);
    if (!target) return;
    observer.disconnect();
    target.focus();
  });
  observer.observe(place, { childList: true, subtree: true });
  setTimeout(() => observer.disconnect(), 5000);
  hold("models-loras", now);
}

function addLora(box) {
  const asked = foldFile(box.value);
  const names = (words()?.lora ?? []).map(([name]) => name);
  const name = names.find((each) => foldFile(each) === asked) ?? names.find((each) => tails(foldFile(each)).includes(asked));
  if (!name) return;
  box.value = "";
  const chosen = chosenLoras();
  const place = chosen.findIndex((each) => each.name === name);
  if (place >= 0) find(`[data-lora="${place}"] input`)?.focus();
  else holdLoras([...chosen, { name, weight: 1, text_weight: null }], `[data-lora="${chosen.length}"] input`);
}

function removeLora(row) {
  const chosen = chosenLoras().filter((_, place) => place !== Number(row.dataset.lora));
  holdLoras(chosen, `.loras:not(:has([data-lora="${chosen.length}"])) #add-lora`);
}

// The row stays as it is under the finger: the server hears of the weight with the next press.
function slideLora(slider) {
  const row = slider.closest("[data-lora]");
  const weight = Number(slider.value);
  row.querySelector("output").textContent = weight.toFixed(2);
  const detail = chosenLoras().map((each, place) => (place === Number(row.dataset.lora) ? { ...each, weight } : each));
  holder("models-loras")?.dispatchEvent(new CustomEvent("keep", { detail }));
}

function addTrigger(said) {
  const written = pageWords().value.trimEnd();
  const there = written.toLowerCase().includes(said.toLowerCase());
  write(there ? written : [written.replace(/[,，]$/, ""), said].filter(Boolean).join(", "));
}

function fillLoraNames() {
  const names = words()?.lora ?? [];
  find("#lora-names").replaceChildren(...names.map(([name]) => new Option(name.replace(ENDINGS, ""))));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("#loras [data-do]");
  if (button?.dataset.do === "remove-lora") removeLora(button.closest("[data-lora]"));
  if (button?.dataset.do === "add-trigger") addTrigger(button.dataset.words);
});

document.addEventListener("focusin", (event) => {
  if (event.target.id === "add-lora") fillLoraNames();
});

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-lora] input")) slideLora(event.target);
  // one of the list was pressed; what is typed waits for Enter
  if (event.target.id === "add-lora" && !["insertText", "deleteContentBackward"].includes(event.inputType)) addLora(event.target);
});

for (const done of ["change", "keydown"])
  document.addEventListener(done, (event) => {
    if (event.target.id === "add-lora" && (done === "change" || (event.key === "Enter" && !event.isComposing)))
      addLora(event.target);
  });

// The bar is written anew when another model draws, and its button with it.
(window.requestIdleCallback ?? setTimeout)(() => {
  new MutationObserver(() => {
    for (const button of document.querySelectorAll("#bar [aria-controls=drawer]")) button.ariaExpanded = String(drawerOpen());
  }).observe(find("#bar"), { childList: true, subtree: true });
});
