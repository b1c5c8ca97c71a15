// Sheets over the page: the wall of styles and the words as they will be drawn; and when those are asked for again.

const PAUSE = 400; // ms without typing after which the words are asked for

function openSheet(id) {
  const sheet = document.getElementById(id);
  if (!sheet || sheet.open) return;
  sheet.showModal();
  if (id !== "styles") return;
  const search = sheet.querySelector("input");
  search.value = "";
  openLooks();
  findStyles(search);
  markStyles();
  sheet.querySelector(".walls").scrollTop = 0;
}

// What is chosen by sheets and switches is held in parts of the page that the server reads; these only show it.
const holder = (path) => [...document.querySelectorAll(`#field-${path} *`)].find((part) => part.holds);
const held = (path) => holder(path)?.holds();
const hold = (path, detail) => holder(path)?.dispatchEvent(new CustomEvent("hold", { detail }));

function swapStyle(name) {
  const chosen = held("styles") ?? [];
  const now = chosen.includes(name) ? chosen.filter((each) => each !== name) : [...chosen, name];
  hold("styles", now);
  markStyles(now);
  askForWords();
}

function markStyles(chosen = held("styles") ?? []) {
  for (const tile of document.querySelectorAll("#styles .tile")) {
    const place = chosen.indexOf(tile.dataset.style) + 1;
    tile.ariaPressed = String(place > 0);
    tile.dataset.place = place && chosen.length > 1 ? place : "";
  }
}

function findStyles(search) {
  const sheet = search.closest("dialog");
  const asked = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const tile of sheet.querySelectorAll(".tile"))
    tile.hidden = !asked.every((word) => tile.dataset.words.includes(word));
  for (const wall of sheet.querySelectorAll("section"))
    wall.hidden = !wall.querySelector(".tile:not([hidden])") || (!asked.length && wall.classList.contains("further"));
  sheet.querySelector(".none").hidden = !!sheet.querySelector("section:not([hidden])");
  for (const aside of sheet.querySelectorAll("nav, p.further")) aside.hidden = asked.length > 0;
}

function swapExactly(button) {
  const now = !held("exactly");
  hold("exactly", now);
  button.ariaChecked = String(now);
  askForWords(0);
}

// A phrase that would be added is left out, or comes back; the person's own words are theirs to change.
function swapPhrase(phrase) {
  const without = held("without") ?? [];
  const same = (each) => each.toLowerCase() === phrase.toLowerCase();
  hold("without", without.some(same) ? without.filter((each) => !same(each)) : [...without, phrase]);
  askForWords(0);
}

let pause;
function askForWords(wait = PAUSE) {
  clearTimeout(pause);
  pause = setTimeout(() => find("#preview")?.click(), wait);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button?.dataset.do === "sheet") openSheet(button.dataset.at);
  if (button?.dataset.do === "style") swapStyle(button.dataset.style);
  if (button?.dataset.do === "exactly") swapExactly(button);
  if (button?.dataset.do === "drop") swapPhrase(button.textContent);
  if (button?.dataset.do === "family")
    find(`#styles [data-family="${CSS.escape(button.dataset.at)}"]`)?.scrollIntoView({ block: "start" });
  // beside the sheet lies its backdrop, which is the dialog itself
  if (button?.dataset.do === "close" || event.target.matches("dialog.sheet")) event.target.closest("dialog")?.close();
});

document.addEventListener("input", (event) => {
  if (event.target.matches("#styles input")) findStyles(event.target);
  if (event.target.closest("#field-prompt, #drawer") && !event.target.closest("#drop")) askForWords();
});

// Enter takes the only one that was found, or the one of that name.
document.addEventListener("keydown", (event) => {
  const search = event.target;
  if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey || !search.matches("#styles input")) return;
  const found = [...document.querySelectorAll("#styles section:not([hidden]) .tile:not([hidden])")];
  const names = (tile) => [tile.dataset.style, tile.querySelector("b").textContent].map((name) => name.toLowerCase());
  const taken = found.length === 1 ? found[0] : found.find((tile) => names(tile).includes(search.value.trim().toLowerCase()));
  if (taken) swapStyle(taken.dataset.style);
});
