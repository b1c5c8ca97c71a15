// Model files on their way: fetched by the button of a notice, told in thin lines below the bar.

const LOOK_EVERY = 1000; // ms between looks while something is under way
const MINUTES_FROM = 90; // seconds left from which minutes say it better

async function downloads(path = "", body = null) {
  const asked = body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(`api/downloads${path}`, asked ?? {});
  if (!answer.ok) return;
  const files = await answer.json();
  showDownloads(files);
  const coming = files.filter(underWay).map((each) => each.name).join();
  if (coming !== wasComing) find("#preview")?.click(); // another model may draw the next picture now
  wasComing = coming;
  clearTimeout(nextLook);
  if (files.some(underWay)) nextLook = setTimeout(downloads, LOOK_EVERY);
}

let nextLook;
let wasComing = "";
let wereMissing = false;
const underWay = (file) => file.state === "waiting" || file.state === "running";

// A line for each file that is not here yet; once all are, the last one is news, but not of a page opened later.
function showDownloads(files) {
  const missing = files.filter((each) => each.state !== "done");
  if (missing.length) wereMissing = true;
  if (!wereMissing) return;
  const words = JSON.parse(find(".bar").dataset.fetching);
  linesOfFiles().replaceChildren(...(missing.length ? missing : files.slice(-1)).map((file) => lineOf(words, file)));
}

function linesOfFiles() {
  const known = find("#fetching");
  if (known) return known;
  const lines = document.createElement("div");
  Object.assign(lines, { id: "fetching", role: "status" });
  find(".gradio-container").append(lines);
  return lines;
}

function lineOf(words, file) {
  const line = document.createElement("p");
  const percent = file.state === "done" ? 100 : file.total ? Math.floor((100 * file.done) / file.total) : 0;
  line.style.setProperty("--done", `${percent}%`);
  line.append(told(words, file, percent), ...actions(words, file));
  return line;
}

function told(words, file, percent) {
  const text = document.createElement("span");
  text.textContent = fill(words[file.state], { name: file.name, percent, error: file.error });
  if (file.seconds_left !== null) text.textContent += ` · ${timeLeft(words, file.seconds_left)}`;
  return text;
}

function actions(words, file) {
  const what = underWay(file) ? "pause" : file.state === "done" ? null : "resume";
  if (!what) return [];
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "quiet", textContent: words[what] });
  Object.assign(button.dataset, { do: what, name: file.name });
  return [button];
}

function timeLeft(words, seconds) {
  const minutes = seconds >= MINUTES_FROM;
  return fill(words[minutes ? "minutes_left" : "seconds_left"], { count: Math.ceil(minutes ? seconds / 60 : seconds) });
}

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

document.addEventListener("click", (event) => {
  if (event.target.closest("#generate") && !wasComing && !find("#fetching button")) find("#fetching")?.remove();
  const button = event.target.closest("[data-do]");
  const { do: what, name, request } = button?.dataset ?? {};
  if (what === "fetch") {
    button.closest(".notice").hidden = true;
    downloads("", JSON.parse(request));
  }
  if (what === "pause" || what === "resume") downloads(`/${what}`, { name });
});

// What was under way before the page was opened is told too, once the bar is there to tell it.
new MutationObserver((_, watcher) => {
  if (!find(".bar[data-fetching]")) return;
  watcher.disconnect();
  downloads();
}).observe(document.body, { childList: true, subtree: true });
