// Suggestions while typing. They are looked for in the list that is here already: nothing is asked of the server.

const MOST_NAMES = 8;
const MOST_WORDS = 5;
const SHORTEST = 2; // letters of a word of which suggestions are made
const LONGEST_HAN = 6;

const OPENED = [
  ["style", /<style:([^<>\n]*)$/u],
  ["lora", /<(?:lora|lyco):([^<>:\n]*)$/u],
  ["embedding", new RegExp(`(?<!${LETTER})embedding:([\\p{L}\\p{M}\\p{N}_./-]*)$`, "u")],
  ["wildcard", /(?<![\p{L}\p{N}])__((?:[\p{L}\p{N}][\p{L}\p{M}\p{N}_./ -]*)?)$/u],
];

const ENDS = { style: /^[^<>:,\n]*(?=>)/u, lora: /^[^<>:,\n]*(?=[>:])/u, wildcard: /^[^\s,_]*(?=__)/u, embedding: /^/u };

const offer = { items: [], picked: -1, from: 0, to: 0, kind: "" };

// What is being typed at the caret: its kind, what there is of it, and where it begins and ends.
function typedAt(text, caret) {
  const before = text.slice(0, caret).replace(NAMES, (whole) => " ".repeat(whole.length));
  for (const [kind, opens] of OPENED) {
    // where an embedding ends nobody knows before something else follows
    const found = (kind === "embedding" ? text.slice(0, caret) : before).match(opens);
    if (!found) continue;
    const rest = text.slice(caret).match(ENDS[kind])?.[0] ?? "";
    return { kind, query: found[1], from: caret - found[1].length, to: caret + rest.length };
  }
  if (/<\w+:[^<>]*$/.test(before) || new RegExp(`^${LETTER}`, "u").test(text.slice(caret))) return null;
  const han = before.match(new RegExp(`\\p{Script=Han}{1,${LONGEST_HAN}}$`, "u"))?.[0];
  const word = han ?? before.match(/[\p{L}][\p{L}'’-]*$/u)?.[0] ?? "";
  return han || word.length >= SHORTEST ? { kind: "word", query: word, from: caret - word.length, to: caret } : null;
}

// How well a name fits what is typed: 0 where one of its ends begins so, 1 where one of its words does, 2 anywhere.
function fit([name, other = ""], query) {
  const small = name.toLowerCase();
  if (tails(small).some((tail) => tail.startsWith(query)) || other.startsWith(query)) return 0;
  if (small.split(/[^\p{L}\p{N}]+/u).some((word) => word.startsWith(query))) return 1;
  return small.includes(query) || (other && other.includes(query)) ? 2 : 3;
}

function lookUp({ kind, query }) {
  const known = words();
  if (!known) return []; // the list has not come yet
  const list = known[kind];
  if (kind === "word") return lookUpWords(list, query, known.reads_chinese);
  const asked = query.trim().toLowerCase();
  const fits = list.map((item) => [fit(item, asked), item]).filter(([how]) => how < 3);
  const length = ([name]) => (asked ? name.length : 0);
  return fits.sort(([one, a], [other, b]) => one - other || length(a) - length(b)).slice(0, MOST_NAMES).map(([, [name, other]]) => ({ name, other }));
}

// Words that begin as typed, in the language in which they are typed; of Chinese the longest end that begins one, and
// its English word where the model reads that alone.
function lookUpWords(list, query, inChinese) {
  const small = query.toLowerCase();
  if (!/\p{Script=Han}/u.test(query)) {
    const found = list.filter(([name]) => name.startsWith(small) && name !== small);
    return found.slice(0, MOST_WORDS).map(([name, other]) => ({ name, other }));
  }
  for (let from = 0; from < query.length; from += 1) {
    const end = query.slice(from);
    const fits = (other) => other.startsWith(end) && (other !== end || !inChinese);
    const found = list.flatMap(([name, ...others]) => others.filter(fits).slice(0, 1).map((other) => [name, other]));
    const item = ([name, other]) => (inChinese ? { name: other, other: name, skip: from } : { name, other, skip: from });
    if (found.length) return found.slice(0, MOST_WORDS).map(item);
  }
  return [];
}

function suggest(box) {
  const typed = box.selectionStart === box.selectionEnd ? typedAt(box.value, box.selectionEnd) : null;
  const items = typed ? lookUp(typed) : [];
  if (!items.length) return closeOffer();
  // a name was asked for; a word is typed on by most people, and Enter and Tab stay theirs
  Object.assign(offer, typed, { items, picked: typed.kind === "word" ? -1 : 0 });
  showOffer(box);
}

function suggestionList() {
  const known = find("#suggestions");
  if (known) return known;
  const list = part("ul", { id: "suggestions", role: "listbox", hidden: true });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the caret
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) take(Number(option.dataset.at));
  });
  find("#field-prompt").append(list, part("p", { id: "suggested", role: "status" }));
  return list;
}

function showOffer(box) {
  const list = suggestionList();
  list.ariaLabel = saidOfWords("suggested", { count: offer.items.length });
  list.replaceChildren(
    ...offer.items.map(({ name, other }, at) => {
      const beside = other ? [part("small", { textContent: other })] : [];
      const option = part("li", { id: `suggestion-${at}`, role: "option", data: { at } }, part("span", { textContent: name }), ...beside);
      option.ariaSelected = String(at === offer.picked);
      return option;
    }),
  );
  list.hidden = false;
  tip();
  find("#suggested").textContent = list.ariaLabel;
  const field = find("#field-prompt").getBoundingClientRect();
  const left = placeOf(offer.from).left - field.left - 12;
  list.style.left = `${Math.max(0, Math.min(left, field.width - list.offsetWidth))}px`;
  tellPicked(box);
}

function tellPicked(box) {
  const picked = offer.picked >= 0 ? `suggestion-${offer.picked}` : "";
  for (const option of suggestionList().children) option.ariaSelected = String(option.id === picked);
  box.setAttribute("aria-controls", "suggestions");
  if (!picked) return box.removeAttribute("aria-activedescendant");
  box.setAttribute("aria-activedescendant", picked);
  document.getElementById(picked).scrollIntoView({ block: "nearest" });
}

function closeOffer() {
  const list = find("#suggestions");
  if (!list || list.hidden) return;
  list.hidden = true;
  find("#suggested").textContent = "";
  pageWords().removeAttribute("aria-activedescendant");
}

const isOffered = () => find("#suggestions")?.hidden === false;

// As if it were typed, so that it can be undone.
function typeOver(box, from, to, text) {
  box.focus();
  box.setSelectionRange(from, to);
  if (document.execCommand("insertText", false, text)) return;
  box.setRangeText(text, from, to, "end");
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

function take(at) {
  const box = pageWords();
  const { name, skip = 0 } = offer.items[at];
  const { kind, from, to } = offer;
  const next = box.value[to] ?? "";
  const closing = { style: ">", lora: ":1>", wildcard: "__" }[kind] ?? "";
  const isClosed = closing && (next === closing.at(-1) || (kind === "lora" && next === ":"));
  // an English word in place of a Chinese one stands apart from what is before it
  const apart = kind === "word" && /[a-z0-9]$/i.test(box.value.slice(0, from + skip)) ? " " : "";
  typeOver(box, from + skip, to, apart + name + (isClosed ? "" : closing));
  if (isClosed) {
    const end = kind === "wildcard" ? box.selectionEnd + 2 : box.value.indexOf(">", box.selectionEnd) + 1;
    box.setSelectionRange(end, end);
  }
  closeOffer();
}

function walkOffer(step) {
  const count = offer.items.length;
  offer.picked = offer.picked < 0 ? (step > 0 ? 0 : count - 1) : (offer.picked + step + count) % count;
  tellPicked(pageWords());
}

document.addEventListener("input", (event) => {
  if (!inBox(event)) return;
  if (event.isComposing) closeOffer();
  else if (event.inputType?.startsWith("insert") || event.inputType?.startsWith("delete")) suggest(event.target);
  else closeOffer();
});
document.addEventListener("compositionend", (event) => inBox(event) && suggest(event.target));
document.addEventListener("focusout", (event) => inBox(event) && closeOffer());
document.addEventListener("pointerdown", (event) => inBox(event) && closeOffer());

// Before anybody else hears the key: while something is offered, Escape closes that and stops no picture.
document.addEventListener(
  "keydown",
  (event) => {
    if (!inBox(event) || !isOffered() || event.isComposing || event.keyCode === 229) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return closeOffer();
    const picks = (event.key === "Enter" || event.key === "Tab") && offer.picked >= 0;
    if (picks) take(offer.picked);
    else if (event.key === "ArrowDown") walkOffer(1);
    else if (event.key === "ArrowUp") walkOffer(-1);
    else if (event.key === "Escape") closeOffer();
    else {
      if (event.key === "ArrowLeft" || event.key === "ArrowRight" || event.key === "Tab" || event.key === "Enter") closeOffer();
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);
