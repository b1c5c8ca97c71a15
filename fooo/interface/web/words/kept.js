// What was typed and is not drawn yet is kept by the browser for this page: a reload and the server's end lose none of it.

const DRAFT = "fooo-draft";

let isOpened = false; // until the server has filled in the box, what is kept is of the page before
let pressed = "";

function keepWords() {
  sessionStorage.setItem(DRAFT, pageWords().value);
}

// As if it were typed, but with the focus where it is: on a phone a keyboard would come up.
function putBack() {
  const [box, kept] = [pageWords(), sessionStorage.getItem(DRAFT)];
  isOpened = true;
  if (kept === null || kept === box.value) return;
  box.value = kept;
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("input", (event) => inBox(event) && keepWords());
document.addEventListener("filled", (event) => isOpened && inBox(event) && keepWords());

document.addEventListener("click", (event) => {
  if (event.target.closest("#generate, #again")) pressed = pageWords().value;
});

// A press was answered. From now on the server knows its words, unless it has refused them or others were typed since.
window.foooTaken = () =>
  requestAnimationFrame(() => {
    const isRefused = find("#notice .notice:not(.calm, [hidden])");
    if (!isRefused && pageWords().value === pressed) sessionStorage.removeItem(DRAFT);
  });

// With the bar comes what the server fills in, and a frame later it is seen.
new MutationObserver((_, watcher) => {
  if (!find("#bar .bar") || !pageWords()) return;
  watcher.disconnect();
  requestAnimationFrame(() => requestAnimationFrame(putBack));
}).observe(document.body, { childList: true, subtree: true });
