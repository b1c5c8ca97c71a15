// The names and words that the box knows: one list, fetched when the page opens and again when it has become old.

const OLD = 20_000; // ms after which the list is asked for again while somebody types
const LETTER = "[\\p{L}\\p{M}\\p{N}_]";
const ENDINGS = /\.(safetensors|sft)$/;

// What stands for something in a prompt: tags, wildcards, embeddings; a mark behind a backslash is a letter.
const NAMES = new RegExp(
  `\\\\.|<(?<tag>style|lora|lyco):(?<tagged>[^<>]*)>|__(?<wildcard>[\\p{L}\\p{N}](?:(?!__)[\\p{L}\\p{M}\\p{N}_./ -])*)(?<! )__` +
    `|(?<!${LETTER})embedding:(?<embedding>${LETTER}(?:[\\p{L}\\p{M}\\p{N}_./-]*[\\p{L}\\p{M}\\p{N}_-])?)`,
  "gsu",
);

const book = { mark: "", asked: Date.now(), list: null, sets: {} };

const foldStyle = (name) => name.toLowerCase().replace(/[-_\s]+/g, " ").trim();
const foldFile = (name) => name.trim().toLowerCase().replaceAll("\\", "/").replace(ENDINGS, "");
const tails = (name) => name.split("/").map((_, at, parts) => parts.slice(at).join("/"));

// The list as it is now; null until it has come.
function words() {
  const place = find("#known [data-mark]");
  if (place && place.dataset.mark !== book.mark) {
    const list = JSON.parse(place.dataset.known);
    const files = (kind) => new Set(list[kind].flatMap(([name]) => tails(foldFile(name))));
    const style = new Set([...list.style.map(([name]) => foldStyle(name)), ...list.aliases.map(foldStyle)]);
    Object.assign(book, { list, mark: place.dataset.mark });
    book.sets = { style, lora: files("lora"), wildcard: files("wildcard"), embedding: files("embedding") };
  }
  return book.list;
}

function isKnown(kind, name) {
  return book.sets[kind].has(kind === "style" ? foldStyle(name) : foldFile(name));
}

const saidOfWords = (id, values = {}) => fill(words()?.said[id] ?? "", values);

function refreshWords() {
  if (Date.now() - book.asked < OLD) return;
  book.asked = Date.now();
  find("#suggest")?.click();
}

// Every name in a text: where it stands, of which kind it is, and whether it is there.
function namesIn(text) {
  if (!words()) return [];
  return [...text.matchAll(NAMES)].flatMap(({ 0: whole, index, groups }) => {
    const { tag, tagged, wildcard, embedding } = groups;
    const kind = tag === "style" ? "style" : tag ? "lora" : wildcard ? "wildcard" : embedding ? "embedding" : "";
    const name = wildcard ?? embedding ?? (kind === "lora" ? tagged.split(":")[0] : tagged);
    return kind && name.trim() ? [{ start: index, end: index + whole.length, kind, name, here: isKnown(kind, name) }] : [];
  });
}

window.addEventListener("focus", () => {
  book.asked = Math.min(book.asked, Date.now() - OLD);
  refreshWords();
});
