// What the page does by itself, without asking the server: keys, the drawer, light and dark, a picture seen large.
const find = (selector) => document.querySelector(selector);
const pageWords = () => find("#field-prompt textarea");

function setTheme(dark) {
  document.body.classList.toggle("dark", dark);
}

function chosenTheme() {
  return localStorage.getItem("fooo-theme") ?? window.foooTheme;
}

function applyTheme() {
  const theme = chosenTheme();
  if (theme === "light" || theme === "dark") setTheme(theme === "dark");
}

function swapTheme() {
  const dark = !document.body.classList.contains("dark");
  localStorage.setItem("fooo-theme", dark ? "dark" : "light");
  setTheme(dark);
}

const drawerOpen = () => document.body.classList.contains("drawer-open");

function swapDrawer(at) {
  const open = at ? true : !drawerOpen();
  document.body.classList.toggle("drawer-open", open);
  for (const button of document.querySelectorAll("[aria-controls=drawer]")) button.ariaExpanded = String(open);
  if (!open) return find("#bar [data-do=drawer]")?.focus();
  leadTo(at ?? "drawer");
}

// What is in the drawer is built after the first view: a chip that is pressed sooner leads there once it is.
async function leadTo(at) {
  const control = () => find(`#${at} :is(input, textarea, button)`);
  for (let frame = 0; !control() && drawerOpen() && frame < 600; frame += 1) await new Promise(requestAnimationFrame);
  document.getElementById(at)?.scrollIntoView({ block: "nearest" });
  control()?.focus({ preventScroll: true });
}

function write(text) {
  const box = pageWords();
  box.value = text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.focus();
}

// A picture seen large: one dialog for the page, arrows walk through all that are shown.
function viewer() {
  const known = find("#viewer");
  if (known) return known;
  const dialog = document.createElement("dialog");
  dialog.id = "viewer";
  dialog.innerHTML = '<img alt=""><div class="actions"><button type="button" class="close"></button></div>';
  dialog.addEventListener("click", (event) => {
    if (!event.target.closest("a, [data-stay]")) dialog.close();
  });
  document.querySelector(".gradio-container").append(dialog);
  return dialog;
}

function show(link) {
  const dialog = viewer();
  const [image, close] = ["img", ".close"].map((part) => dialog.querySelector(part));
  image.src = link.href;
  image.alt = link.querySelector("img").alt;
  image.style.cssText = link.style.cssText;
  close.textContent = find("#bar .bar").dataset.close;
  for (const old of dialog.querySelectorAll("[data-do], [data-how], .about, .family")) old.remove();
  const kept = "kept" in link.dataset;
  close.before(...actsOn(link), ...(kept ? keptActsOn(link) : []));
  dialog.append(aboutPicture(link));
  dialog.dataset.at = link.href;
  if (!dialog.open) dialog.showModal();
  showFamily(link);
}

function walk(step) {
  const place = find("#history")?.open ? "#history" : "#wall";
  const links = [...document.querySelectorAll(`${place} a.open[href]`)];
  const now = links.findIndex((link) => link.href === viewer().dataset.at);
  const next = links[now + step];
  if (next) show(next);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button?.dataset.do === "theme") swapTheme();
  if (button?.dataset.do === "drawer") swapDrawer(button.dataset.at);
  if (button?.dataset.do === "repeat") find("#again")?.click();
  if (button?.dataset.do === "example") write(button.dataset.words);
  if (button?.dataset.do === "words-back") write(button.dataset.words);
  const link = event.target.closest(":is(#wall, #history) a.open[href]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    show(link);
  }
});

document.addEventListener("keydown", (event) => {
  const looking = find("#viewer")?.open && !find("#compare");
  const covered = find("dialog[open]");
  // a key that is held repeats itself; it means one press
  if (event.repeat && (event.key === "Enter" || event.key === "Escape")) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) find("#generate")?.click();
  if (event.key === "ArrowRight" && looking) walk(1);
  if (event.key === "ArrowLeft" && looking) walk(-1);
  if (event.key !== "Escape" || covered || event.isComposing) return;
  if (drawerOpen()) swapDrawer();
  else find("#stop")?.click();
});

// What is wrong has been read once the person mends it, and what was told before once they go on.
document.addEventListener("input", (event) => {
  if (event.target.closest("#field-prompt")) clearNotice();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("#generate, #again, #act, #try-styles")) clearNotice();
});

function clearNotice() {
  const notice = find("#notice .notice");
  if (!notice) return;
  notice.hidden = true;
  notice.replaceChildren();
}

// The page comes into sight again: another page may have begun something meanwhile.
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") find("#look")?.click();
});
window.addEventListener("focus", () => find("#look")?.click());

// Why an upload was refused, without the number that gradio puts before the sentence.
new MutationObserver(() => {
  for (const place of document.querySelectorAll(".toast-message-text")) {
    const said = place.textContent.replace(/^HTTP \d+: /, "");
    if (said !== place.textContent) place.textContent = said;
  }
}).observe(document.body, { childList: true, subtree: true });

applyTheme();
