// Ctrl+Up and Ctrl+Down weigh what is selected, or the word at the caret: (word:1.1), in steps of 0.1.

const STEP = 0.1;
const MOST_WEIGHT = 10;
const PLAIN_WEIGHT = 1.1; // of (word) without a number
const NUMBER_BEHIND = /:\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*$/;
const LORA = /<(?:lora|lyco):([^<>:]*)(?::([+-]?(?:\d+(?:\.\d*)?|\.\d+)))?[^<>]*>/gu;
const WORD = /[^\s,，、。；;.:|()[\]{}<>\\]+/gu;

// Every (text) and (text:1.2): where it and its text stand, and its weight; the inner ones come first.
function weighed(text) {
  const open = [];
  const found = [];
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === "(") open.push(at);
    else if (text[at] === ")" && open.length) {
      const start = open.pop();
      const number = text.slice(start + 1, at).match(NUMBER_BEHIND);
      const inner = { from: start + 1, to: number ? start + 1 + number.index : at };
      found.push({ start, end: at + 1, ...inner, weight: number ? Number(number[1]) : PLAIN_WEIGHT });
    }
  }
  return found;
}

// What is meant by a selection: a bracket that holds it or that it holds, else the words themselves.
function meant(text, start, end) {
  const brackets = weighed(text);
  const isWhole = (each) => (each.start === start && each.end === end) || (each.from === start && each.to === end);
  const holds = (each) => each.start < start && end < each.end;
  const bracket = brackets.find(isWhole) ?? (start === end ? brackets.find(holds) : undefined);
  if (bracket) return bracket;
  if (start < end) return { start, end, from: start, to: end, weight: 1 };
  return wordAt(text, start);
}

function wordAt(text, caret) {
  const run = [...text.matchAll(WORD)].find(({ 0: word, index }) => index <= caret && caret <= index + word.length);
  if (!run) return null;
  const [whole, first] = [run[0], run.index];
  // Chinese is written without spaces
  const parts = /\p{Script=Han}/u.test(whole) ? [...new Intl.Segmenter("zh", { granularity: "word" }).segment(whole)] : [];
  const inside = parts.find(({ segment, index }) => caret < first + index + segment.length) ?? parts.at(-1);
  const [start, word] = inside ? [first + inside.index, inside.segment] : [first, whole];
  return { start, end: start + word.length, from: start, to: start + word.length, weight: 1 };
}

const stepped = (weight, up) => Math.max(0, Math.min(MOST_WEIGHT, Math.round((weight + (up ? STEP : -STEP)) * 100) / 100));

function weigh(box, up) {
  const text = box.value;
  let [start, end] = [box.selectionStart, box.selectionEnd];
  while (start < end && /\s/.test(text[start])) start += 1;
  while (end > start && /\s/.test(text[end - 1])) end -= 1;
  const lora = [...text.matchAll(LORA)].find(({ 0: tag, index }) => index <= start && end <= index + tag.length);
  if (lora) return weighLora(box, lora, up);
  // other tags and wildcards have no weight of their own
  if (start === end && namesIn(text).some((name) => name.kind !== "embedding" && name.start < start && start < name.end)) return;
  const place = meant(text, start, end);
  if (!place) return;
  const [words, weight] = [text.slice(place.from, place.to), stepped(place.weight, up)];
  typeOver(box, place.start, place.end, weight === 1 ? words : `(${words}:${weight})`);
  const from = place.start + (weight === 1 ? 0 : 1);
  box.setSelectionRange(from, from + words.length);
}

function weighLora(box, { 0: tag, 1: name, 2: said, index }, up) {
  const weight = stepped(Number(said ?? 1), up);
  const begin = tag.indexOf(":") + 1 + name.length;
  const from = index + begin;
  typeOver(box, from, from + (said === undefined ? 0 : said.length + 1), `:${weight}`);
  const caret = from + `:${weight}`.length;
  box.setSelectionRange(caret, caret);
}

document.addEventListener("keydown", (event) => {
  const isStep = event.key === "ArrowUp" || event.key === "ArrowDown";
  if (!isStep || !inBox(event) || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  weigh(event.target, event.key === "ArrowUp");
  closeOffer();
});
