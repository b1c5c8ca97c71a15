// The history: every picture that is kept, by days, over the page. It is asked for in pages while it is scrolled.

const HISTORY = "api/history";
const MOST_OF_PAGE = 500;
const SEARCH_PAUSE = 200; // ms without typing after which is searched
const FIRST_SCREEN = 1500; // ms in which the server is left alone to give the first small pictures
const READ_ON = 200; // ms after which the server is asked to read more files that it did not know
const AHEAD = 1200; // px below what is seen, from which the next page is asked for
const ON_TOP = 100; // px scrolled until which the list may change by itself

// What is looked at now. `asked` counts the lists: what comes for an earlier one is not shown any more.
const past = { words: {}, asked: 0, next: null, busy: false, thrown: false, favourite: false, picked: null };

const say = (id, values = {}) => fill(past.words[id], values);
const sayMany = (id, count) => say(`${id}${count === 1 ? "one" : "many"}`, { count });
const inHistory = (selector) => find(`#history ${selector}`);

function part(tag, fields = {}, ...inside) {
  const { data = {}, ...plain } = fields;
  const made = Object.assign(document.createElement(tag), plain);
  Object.assign(made.dataset, data);
  made.append(...inside);
  return made;
}

const press = (label, what, fields = {}) =>
  part("button", { type: "button", className: "quiet", textContent: label, ...fields, data: { do: what, ...fields.data } });

function openHistory() {
  past.words = JSON.parse(find("#bar .bar").dataset.history);
  const dialog = find("#history") ?? buildHistory();
  tellHistory("");
  pick(null);
  dialog.showModal();
  // on a phone the search would bring the keyboard up over the pictures
  inHistory(matchMedia("(hover: hover)").matches ? "input" : ".days").focus();
  loadHistory();
}

function buildHistory() {
  const search = part("input", { type: "search", placeholder: say("find"), ariaLabel: say("find"), autocomplete: "off" });
  const choose = (name, label) => part("select", { name, ariaLabel: label }, part("option", { value: "", textContent: label }));
  const swap = (what, label) => press(label, what, { className: "chip", ariaPressed: "false" });
  const filters = part("div", { className: "filters" });
  filters.append(choose("style", say("all_styles")), choose("model", say("all_models")));
  filters.append(swap("only-favourites", say("favourites")), swap("only-thrown", say("trash")), swap("pick", say("select")));
  const head = part("header", {}, part("h2", { textContent: say("title") }), search);
  head.append(press("✕", "close", { className: "quiet close", ariaLabel: say("close") }), filters);
  head.append(part("small", { className: "count", role: "status" }));
  const days = part("div", { className: "days", tabIndex: -1 }, trashLine(), part("div", { className: "list" }), part("p", { className: "end" }));
  const foot = part("footer", { hidden: true });
  const told = part("p", { className: "told", role: "status", hidden: true });
  const dialog = part("dialog", { id: "history", ariaLabel: say("title") }, head, days, foot, told);
  find(".gradio-container").append(dialog);
  new IntersectionObserver(([end]) => end.isIntersecting && loadHistory(past.next), { root: days, rootMargin: `${AHEAD}px` }).observe(
    days.lastChild,
  );
  return dialog;
}

async function askHistory(path, body) {
  const sent = body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  try {
    const answer = await fetch(`${HISTORY}${path}`, sent ?? {});
    const content = await answer.json();
    if (answer.ok) return content;
    return { error: content.error ?? say("failed") };
  } catch {
    return { error: say("failed") };
  }
}

function wantedOfHistory(more = {}) {
  const [style, model] = ["style", "model"].map((name) => inHistory(`[name=${name}]`).value);
  const { favourite, thrown } = past;
  return `?${new URLSearchParams({ words: inHistory("input").value.slice(0, 400), style, model, favourite, thrown, ...more })}`;
}

// The first page takes the place of what is shown, at once and not before it is there; the others follow below.
async function loadHistory(after = undefined, limit = 100) {
  const first = after === undefined;
  if (!first && (after === null || past.busy)) return;
  const asked = first ? ++past.asked : past.asked;
  past.busy = true;
  const page = await askHistory(wantedOfHistory(first ? { limit } : { after, limit }));
  if (asked !== past.asked) return;
  past.busy = false;
  if (page.error) return tellHistory(page.error, press(say("again"), "history-again", { className: "chip" }));
  past.next = page.next;
  if (first) {
    inHistory(".list").replaceChildren();
    if (limit === 100) inHistory(".days").scrollTop = 0;
    offerChoices(page);
  }
  showPictures(page.pictures);
  if (past.picked) pick(past.picked);
  countPictures(page);
  if (first && page.unread) setTimeout(readOn, FIRST_SCREEN, asked);
  if (past.next && endIsNear()) loadHistory(past.next);
}

// As the observer of the end has it, which tells only when that changes.
function endIsNear() {
  const [end, days] = [".end", ".days"].map((each) => inHistory(each).getBoundingClientRect());
  return end.top < days.bottom + AHEAD;
}

// Files that the server did not know yet: it reads some of them whenever it is asked.
async function readOn(asked) {
  if (asked !== past.asked || !find("#history").open) return;
  const page = await askHistory(wantedOfHistory({ limit: 1 }));
  if (asked !== past.asked || page.error) return;
  countPictures(page);
  if (page.unread) return setTimeout(readOn, READ_ON, asked);
  if (past.next === null || inHistory(".days").scrollTop < ON_TOP) reloadHistory();
  else offerChoices(page);
}

function reloadHistory() {
  loadHistory(undefined, Math.min(MOST_OF_PAGE, Math.max(101, document.querySelectorAll("#history figure").length)));
}

function offerChoices({ styles, models }) {
  const title = (style) => find(`#styles .tile[data-style="${CSS.escape(style)}"] b`)?.textContent ?? style;
  const offers = { style: styles.map((each) => [each, title(each)]), model: models.map((each) => [each, each]) };
  for (const [name, names] of Object.entries(offers)) {
    const select = inHistory(`[name=${name}]`);
    const chosen = select.value;
    const known = names.some(([each]) => each === chosen) || !chosen ? names : [...names, [chosen, title(chosen)]];
    select.replaceChildren(select.firstChild, ...known.map(([value, text]) => part("option", { value, textContent: text })));
    select.value = chosen;
  }
}

function countPictures({ total, unread }) {
  const reading = unread ? ` · ${say("reading", { count: unread })}` : "";
  if (unread !== undefined) inHistory(".count").textContent = sayMany("", total) + reading;
  const { favourite, thrown } = past;
  const filtered = favourite || [...document.querySelectorAll("#history :is(input, select)")].some((each) => each.value);
  const none = filtered ? say("nothing_found") : say(thrown ? "empty_trash" : "empty");
  inHistory(".end").textContent = total || unread ? "" : none;
  inHistory(".trash").hidden = !thrown || !total;
}

function showPictures(pictures) {
  const list = inHistory(".list");
  for (const picture of pictures) {
    const day = (picture.thrown ?? picture.made).slice(0, 10);
    if (list.lastChild?.dataset.day !== day) list.append(sectionOf(day));
    list.lastChild.lastChild.append(tileOf(picture));
  }
}

const sectionOf = (day) =>
  part("section", { data: { day } }, part("h3", { textContent: nameOfDay(day) }), part("div", { className: "tiles" }));

// In the page's language, and in the manner of the browser's region where it speaks the same one.
function nameOfDay(day) {
  const language = navigator.language.startsWith(past.words.language) ? navigator.language : past.words.language;
  const [date, today] = [new Date(`${day}T12:00`), new Date()];
  const ago = Math.round((date - today.setHours(12, 0, 0, 0)) / 86_400_000);
  if (ago !== 0 && ago !== -1) {
    const year = date.getFullYear() === today.getFullYear() ? undefined : "numeric";
    return date.toLocaleDateString(language, { weekday: "long", day: "numeric", month: "long", year });
  }
  const name = new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(ago, "day");
  return name[0].toUpperCase() + name.slice(1);
}

function tileOf(picture) {
  const { id, name, full, small, words, width, height, favourite, thrown, seed, model } = picture;
  const about = [model, say("about", { width, height, seed: seed || "–" })].filter(Boolean).join(" · ");
  const image = part("img", { alt: words || say("picture_without_words"), loading: "lazy", decoding: "async", src: small });
  const link = part("a", { className: "open", href: full, title: words, data: { name, kept: id, about, words } }, image);
  link.style.cssText = `--width:${width};--height:${height}`;
  if (thrown) link.dataset.thrown = thrown;
  const below = thrown ? press(say("put_back"), "put-back") : press(say("load"), "recall");
  below.dataset.kept = id;
  const tile = part("figure", { data: { id } }, link, below);
  if (!thrown) tile.append(markButton(id, favourite));
  return tile;
}

function markButton(kept, favourite) {
  const button = press("★", "mark", { className: "quiet mark", data: { kept } });
  return Object.assign(button, { ariaLabel: say("mark"), ariaPressed: String(favourite) });
}

const tileNamed = (id) => inHistory(`figure[data-id="${CSS.escape(id)}"]`);

// What the picture seen large offers beside its acts; page.js asks for it.
function keptActsOn(link) {
  const { kept, thrown } = link.dataset;
  if (thrown) return [press(say("put_back"), "put-back", { data: { kept } })];
  const marked = tileNamed(kept)?.querySelector(".mark").ariaPressed === "true";
  const mark = press(say(marked ? "unmark" : "mark"), "mark", { data: { kept, stay: "" } });
  return [press(say("load"), "recall", { data: { kept } }), mark];
}

// What a picture that is seen large was made from, below all that may be done with it.
function aboutPicture(link) {
  const { words: said, about } = link.dataset;
  const [words, more] = [part("span", { textContent: said }), part("small", { textContent: about })];
  return part("p", { className: "about", data: { stay: "" } }, words, more);
}

function tellHistory(sentence, ...buttons) {
  const told = inHistory(".told");
  told.hidden = !sentence;
  told.replaceChildren(part("span", { textContent: sentence }), ...buttons);
}

async function markPictures(ids, favourite) {
  const done = await askHistory("/favourite", { ids, favourite });
  if (done.error) return tellHistory(done.error);
  for (const id of done.ids) {
    const star = tileNamed(id)?.querySelector(".mark");
    if (star) star.ariaPressed = String(favourite);
    const large = find(`#viewer [data-do=mark][data-kept="${CSS.escape(id)}"]`);
    if (large) large.textContent = say(favourite ? "unmark" : "mark");
  }
}

function swapMark({ kept }) {
  markPictures([kept], tileNamed(kept)?.querySelector(".mark").ariaPressed !== "true");
}

// Thrown away or put back: the tiles go, the sentence offers the way back.
async function movePictures(ids, thrown) {
  const done = await askHistory(thrown ? "/throw" : "/put-back", { ids });
  if (done.error) return tellHistory(done.error);
  const following = tileNamed(ids.at(-1))?.nextElementSibling;
  ids.forEach(removeTile);
  (following?.querySelector("a") ?? inHistory(".days")).focus();
  pick(past.picked && []);
  const undo = press(say("undo"), "undo-move", { className: "chip" });
  undo.addEventListener("click", () => undoMove(done.ids, thrown));
  tellHistory(sayMany(thrown ? "deleted_" : "put_back_", done.ids.length), ...(done.ids.length ? [undo] : []));
  recountHistory();
  find("#look")?.click();
}

async function undoMove(ids, thrown) {
  const done = await askHistory(thrown ? "/put-back" : "/throw", { ids });
  tellHistory(done.error ?? "");
  reloadHistory();
  find("#look")?.click();
}

function removeTile(id) {
  const tile = tileNamed(id);
  const day = tile?.closest("section");
  tile?.remove();
  if (day && !day.querySelector("figure")) day.remove();
}

async function recountHistory() {
  const page = await askHistory(wantedOfHistory({ limit: 1 }));
  if (!page.error) countPictures(page);
}

// Picking several: `picked` holds their ids, and is null while none can be picked.
function pick(ids) {
  past.picked = ids;
  find("#history").classList.toggle("picking", ids !== null);
  inHistory("[data-do=pick]").ariaPressed = String(ids !== null);
  for (const link of document.querySelectorAll("#history a.open")) {
    link.role = ids ? "checkbox" : null;
    link.ariaChecked = ids && String(ids.includes(link.dataset.kept));
  }
  const foot = inHistory("footer");
  foot.hidden = !ids?.length;
  if (ids?.length) foot.replaceChildren(part("span", { textContent: say("chosen", { count: ids.length }) }), ...actsOnPicked(ids));
}

function actsOnPicked(ids) {
  if (past.thrown) return [press(say("put_back"), "put-back")];
  const zip = part("a", { className: "quiet", href: `${HISTORY}/zip?ids=${ids}`, download: "", textContent: say("zip") });
  const compare = ids.length === 2 ? [press(familyWords().compare, "compare-picked")] : [];
  return [...compare, press(say("mark"), "mark-picked"), zip, press(say("delete"), "throw")];
}

function swapPicked(id) {
  const { picked } = past;
  pick(picked.includes(id) ? picked.filter((each) => each !== id) : [...picked, id]);
}

function swapFilter(button, name) {
  past[name] = !past[name];
  button.ariaPressed = String(past[name]);
  pick(past.picked && []);
  loadHistory();
}

const HISTORY_DEEDS = {
  history: openHistory,
  recall: (button) => bring({ kept: button.dataset.kept }),
  act: (button) => button.dataset.kept && find("#history")?.close(),
  mark: (button) => swapMark(button.dataset),
  "mark-picked": () => markPictures(past.picked, true),
  throw: (button) => movePictures(button.dataset.kept ? [button.dataset.kept] : past.picked, true),
  "put-back": (button) => movePictures(button.dataset.kept ? [button.dataset.kept] : past.picked, false),
  pick: () => pick(past.picked ? null : []),
  "only-favourites": (button) => swapFilter(button, "favourite"),
  "only-thrown": (button) => swapFilter(button, "thrown"),
  "history-again": () => {
    tellHistory("");
    loadHistory();
  },
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button) HISTORY_DEEDS[button.dataset.do]?.(button);
});

// Before the page's own script opens the picture: while several are picked, a press picks it.
document.addEventListener(
  "click",
  (event) => {
    const link = event.target.closest("#history.picking a.open");
    if (!link) return;
    event.preventDefault();
    event.stopPropagation();
    swapPicked(link.dataset.kept);
  },
  true,
);

let searching;
document.addEventListener("input", (event) => {
  if (!event.target.matches("#history :is(input, select)")) return;
  clearTimeout(searching);
  searching = setTimeout(loadHistory, event.target.matches("input") ? SEARCH_PAUSE : 0);
});

// Arrows walk from picture to picture, Delete throws away the one that has the focus, Ctrl+Z brings it back.
document.addEventListener("keydown", (event) => {
  const dialog = event.target.closest?.("#history");
  if (!dialog || event.target.matches("input, select")) return;
  const link = event.target.closest("a.open");
  if (event.key === "z" && (event.ctrlKey || event.metaKey)) inHistory("[data-do=undo-move]")?.click();
  if (!link) return;
  if (event.key === " " && past.picked) {
    event.preventDefault();
    swapPicked(link.dataset.kept);
  }
  if (event.key === "Delete" && !past.picked && !past.thrown) movePictures([link.dataset.kept], true);
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const links = [...dialog.querySelectorAll("a.open")];
  links[links.indexOf(link) + step]?.focus();
});
