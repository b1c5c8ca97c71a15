// The family of a picture that is seen large: what it was made from, what was made from it, how its words came from its
// parent's; and two pictures of one place, of which a slider shows more of the one or of the other.

const familyWords = () => JSON.parse(barWords().family);

async function showFamily(link) {
  const dialog = viewer();
  dialog.classList.remove("related");
  const id = link.dataset.kept ?? link.dataset.id;
  if (!id || link.dataset.thrown) return;
  const { error, parent, children, words } = await askHistory(`/${id}/family`);
  const isOld = dialog.dataset.at !== link.href || dialog.querySelector(".family");
  if (error || isOld || (!parent && !children.length)) return;
  dialog.classList.add("related");
  dialog.append(familyOf(link, parent, children, words));
}

function familyOf(link, parent, children, words) {
  const said = familyWords();
  const family = part("section", { className: "family", data: { stay: "" } });
  if (parent) {
    const shown = linkTo(parent);
    const compare = press(said.compare, "compare");
    compare.addEventListener("click", () => openCompare(shown, link));
    family.append(part("small", { textContent: said.parent }), shown, compare);
  }
  if (children.length) family.append(part("small", { textContent: said.children }), ...children.map(linkTo));
  if (words.some(([fate]) => fate !== "same")) family.append(part("p", {}, ...words.map(wordOf)));
  return family;
}

const wordOf = ([fate, text]) => part({ same: "span", gone: "del", new: "ins" }[fate], { textContent: text });

// As the history has it, which may not have been opened yet.
function linkTo(picture) {
  past.words = JSON.parse(barWords().history);
  return tileOf(picture).querySelector("a.open");
}

function openCompare(before, after) {
  const said = familyWords();
  const image = (link) => part("img", { src: link.href, alt: link.querySelector("img").alt });
  const slider = part("input", { type: "range", min: 0, max: 100, value: 50, ariaLabel: said.slide });
  const frame = part("div", { className: "pair" }, image(after), image(before));
  const close = press(barWords().close, "close");
  const foot = part("div", { className: "actions" }, part("small", { textContent: said.before }), slider);
  foot.append(part("small", { textContent: said.after }), close);
  const dialog = part("dialog", { id: "compare", ariaLabel: said.compare }, frame, foot);
  dialog.style.cssText = after.style.cssText;
  const slide = () => frame.style.setProperty("--at", `${slider.value}%`);
  slider.addEventListener("input", slide);
  frame.addEventListener("pointermove", (event) => {
    const place = frame.getBoundingClientRect();
    slider.value = (100 * (event.clientX - place.left)) / place.width;
    slide();
  });
  slide();
  dialog.addEventListener("close", () => dialog.remove());
  find(".gradio-container").append(dialog);
  dialog.showModal();
  slider.focus();
}

function comparePicked(ids) {
  const [newer, older] = [...document.querySelectorAll("#history a.open")].filter((link) => ids.includes(link.dataset.kept));
  openCompare(older, newer);
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-do=compare-picked]")) comparePicked(past.picked);
  const link = event.target.closest("#viewer .family a.open");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(link);
});
