// What can be done with a picture, by one press: the same words in the same order below it, in its large view, and in
// the history.

const TOLD_FOR = 1500; // ms for which a button says that it has done its work

const barWords = () => find("#bar .bar").dataset;

// Of the picture behind a link: as html/wall.py makes them for the large one of the wall.
function actsOn(link) {
  const { job, number, kept, thrown, words, name } = link.dataset;
  if (thrown) return [];
  const named = kept ? { kept } : { job, number };
  const acts = Object.entries(JSON.parse(barWords().acts)).map(([how, label]) => {
    const made = document.createElement(how === "download" ? "a" : "button");
    made.textContent = label;
    if (how === "download") Object.assign(made, { href: link.href, download: name });
    else made.type = "button";
    const own = { copy: { do: "copy", words, stay: "" }, download: {}, delete: { do: kept && find("#history")?.open ? "throw" : "act", ...named } }[how];
    Object.assign(made.dataset, { how }, own ?? { do: "act", ...named });
    return made;
  });
  return [...finishOn(link), ...acts];
}

// Which picture, and what is done with it, is read by the server's handler.
function act(button) {
  const { how, job, number, kept, path } = button.dataset;
  window.foooAct = JSON.stringify({ how, job, number, kept, path });
  awaitAnswer();
  find("#act")?.click();
  // what it begins is told where the acts lie over the page; who goes on by the keyboard finds them still there
  if (!button.matches(":focus-visible")) button.closest("#row .acts")?.remove();
  // its place is taken by the chip of what the next press begins with, the first of them
  if (how === "start" && path) putAway();
  if (how === "start") find("#choices").scrollTo({ left: 0 });
}

const putAway = () => find("#brought .brought")?.remove();

// The clipboard is there only on https and on this machine; elsewhere the browser copies what is selected.
async function copy(button) {
  const { words } = button.dataset;
  if (navigator.clipboard) await navigator.clipboard.writeText(words).catch(() => copySelected(words, button));
  else copySelected(words, button);
  const label = JSON.parse(barWords().acts).copy;
  button.textContent = barWords().copied;
  setTimeout(() => (button.textContent = label), TOLD_FOR);
}

function copySelected(words, button) {
  const box = Object.assign(document.createElement("textarea"), { value: words, className: "copied", ariaHidden: "true" });
  // beside the button: what lies outside an open dialog cannot be selected
  button.after(box);
  box.select();
  document.execCommand("copy");
  box.remove();
  button.focus();
}

async function undoDelete({ kept }) {
  const done = await askHistory("/put-back", { ids: [kept] });
  const notice = find("#notice .notice");
  if (done.error) notice.firstChild.textContent = done.error;
  else notice.hidden = true;
  find("#look")?.click();
}

const ACT_DEEDS = {
  act,
  copy,
  "put-away": putAway,
  "undo-delete": (button) => undoDelete(button.dataset),
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button) ACT_DEEDS[button.dataset.do]?.(button);
});
