// A layer over the box with the same letters, unseen: it underlines what is unknown, and tells where a letter stands.

const MOST_MARKED = 20_000; // letters; a longer text is left as it is
const NEVER_COVERED = "button, .acts a, .held a, .notice";
const COPIED = ["font", "letterSpacing", "padding", "textIndent", "textAlign", "direction", "tabSize"];

function layer() {
  const known = find("#marks");
  if (known) return known;
  const made = part("div", { id: "marks", ariaHidden: "true" });
  new ResizeObserver(() => layOver(pageWords(), made)).observe(pageWords());
  find("#field-prompt").append(made, part("p", { id: "tip", role: "status", hidden: true }));
  // the role of a textarea stays what it is; these say that it has suggestions
  pageWords().setAttribute("aria-autocomplete", "list");
  pageWords().setAttribute("aria-haspopup", "listbox");
  return made;
}

// Words that the model has not learnt, each with the sentence about it, as the server said when it planned them.
const beyond = () => JSON.parse(find("#final [data-beyond]")?.dataset.beyond ?? "{}");

function unlearnt(text, names) {
  const told = beyond();
  const each = Object.keys(told).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  if (!each.length) return [];
  const letter = "[[\\p{L}\\p{N}]--\\p{Script=Han}]";
  const alone = each.map((word) => (/\p{Script=Han}/u.test(word) ? word : `(?<!${letter})${word}(?!${letter})`));
  const open = text.length - (text.match(/<\w+:[^<>]*$/)?.[0].length ?? 0); // a tag that is being typed says nothing yet
  const found = text.matchAll(new RegExp(alone.join("|"), "giv"));
  const sentence = new Map(Object.entries(told).map(([word, said]) => [word.toLowerCase(), said]));
  return [...found]
    .map(({ 0: word, index }) => ({ start: index, end: index + word.length, said: sentence.get(word.toLowerCase()) }))
    .filter(({ start, end }) => start < open && !names.some((name) => start < name.end && end > name.start));
}

function marksOf(text, box) {
  const names = namesIn(text);
  const typing = document.activeElement === box ? box.selectionEnd : -1;
  const missing = names
    .filter(({ here, end, kind }) => !here && !(kind === "embedding" && end === typing))
    .map(({ name, ...place }) => ({ ...place, unknown: true, said: saidOfWords("unknown_name", { name: name.trim() }) }));
  return [...missing, ...unlearnt(text, names)].sort((one, other) => one.start - other.start);
}

let markedText = "";

function mark() {
  const box = pageWords();
  if (!box) return;
  const text = box.value;
  markedText = text;
  const over = layer();
  const pieces = [];
  let at = 0;
  for (const { start, end, said, unknown } of text.length > MOST_MARKED ? [] : marksOf(text, box)) {
    if (start < at) continue;
    pieces.push(text.slice(at, start));
    pieces.push(part("span", { className: unknown ? "unknown" : "unlearnt", textContent: text.slice(start, end), data: { said } }));
    at = end;
  }
  over.replaceChildren(...pieces, `${text.slice(at)}\u200b`);
  layOver(box, over);
  // what it tells of may be gone
  if (!find("#tip").hidden && !marked().some((span) => span.dataset.said === find("#tip").textContent)) tip(atCaret(box));
}

function layOver(box, over = layer()) {
  const style = getComputedStyle(box);
  const field = find("#field-prompt").getBoundingClientRect();
  const place = box.getBoundingClientRect();
  for (const name of COPIED) over.style[name] = style[name];
  over.style.left = `${place.left - field.left + box.clientLeft}px`;
  over.style.top = `${place.top - field.top + box.clientTop}px`;
  over.style.width = `${box.clientWidth}px`;
  over.style.height = `${box.clientHeight}px`;
  over.scrollTop = box.scrollTop;
}

// Where the letter at a place of the text is seen.
function placeOf(position) {
  const walker = document.createTreeWalker(layer(), NodeFilter.SHOW_TEXT);
  let left = position;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (left < node.length || !node.nextSibling) {
      const range = document.createRange();
      range.setStart(node, Math.min(left, node.length));
      return range.getBoundingClientRect();
    }
    left -= node.length;
  }
  return layer().getBoundingClientRect();
}

// A sentence about an underlined word, over the box: of the one under the pointer, else of the one at the caret.
function tip(span) {
  const place = (layer(), find("#tip"));
  const said = find("#suggestions")?.hidden === false ? "" : (span?.dataset.said ?? "");
  place.hidden = !said;
  if (place.textContent !== said) place.textContent = said;
  if (said) raiseTip(place);
}

// Right above the box, or as much higher as it takes to lie on no sentence and on nothing that can be pressed.
function raiseTip(place) {
  const below = find("#field-prompt").getBoundingClientRect().top;
  const seen = (each) => each.checkVisibility({ visibilityProperty: true });
  const others = [...document.querySelectorAll(NEVER_COVERED)].filter(seen).map((each) => each.getBoundingClientRect());
  const covered = (tip) => others.filter(({ left, right, top, bottom }) => left < tip.right && right > tip.left && top < tip.bottom && bottom > tip.top);
  let rise = 0;
  for (let tries = 0; tries < 8; tries += 1) {
    place.style.bottom = `calc(100% + ${rise + 4}px)`;
    const under = covered(place.getBoundingClientRect());
    if (!under.length) return;
    rise = below - Math.min(...under.map((each) => each.top));
  }
}

const marked = () => [...document.querySelectorAll("#marks span")];

function atPoint({ clientX: x, clientY: y }) {
  const holds = (each) => x >= each.left && x <= each.right && y >= each.top && y <= each.bottom;
  return marked().find((span) => [...span.getClientRects()].some(holds));
}

function atCaret(box) {
  if (document.activeElement !== box || box.selectionStart !== box.selectionEnd) return undefined;
  const range = document.createRange();
  return marked().find((span) => {
    range.setStart(layer(), 0);
    range.setEndBefore(span);
    const start = range.toString().length;
    return start < box.selectionStart && box.selectionStart <= start + span.textContent.length;
  });
}

const inBox = (event) => event.target instanceof Element && event.target.matches("#field-prompt textarea");

document.addEventListener("input", (event) => {
  if (!inBox(event)) return;
  refreshWords();
  mark();
});
document.addEventListener("scroll", (event) => inBox(event) && layOver(event.target), true);
document.addEventListener("pointermove", (event) => inBox(event) && tip(atPoint(event) ?? atCaret(event.target)));
document.addEventListener("pointerout", (event) => inBox(event) && tip(atCaret(event.target)));
document.addEventListener("selectionchange", () => {
  const box = pageWords();
  if (box && document.activeElement === box && marked().length) tip(atCaret(box));
});
document.addEventListener("focusout", (event) => {
  if (!inBox(event)) return;
  tip();
  mark();
});

// What the server says about the words comes later than they do, and so does the list; and it may fill the box.
new MutationObserver((changes) => {
  const box = pageWords();
  const isTold = changes.some(({ target }) => target instanceof Element && target.closest("#final, #known"));
  if (!box) return;
  const isFilled = box.value !== markedText;
  if (isTold || isFilled) mark();
  if (isFilled) box.dispatchEvent(new Event("filled", { bubbles: true }));
}).observe(document.body, { childList: true, subtree: true });
