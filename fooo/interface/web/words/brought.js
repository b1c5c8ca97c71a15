// Settings that are pasted or dropped anywhere: a picture, a text from another program's page, or our own JSON.

const MOST_LETTERS = 200_000; // of a pasted text; settings with the longest known graphs have fewer
const TEXT_FILE = /\.(txt|json)$/i;
const PICTURE_FILE = /\.(png|jpe?g|webp)$/i;
const TELLS_SETTINGS = /(^|\n)\s*(Steps: \d|Negative prompt:)/;

// The server's handler reads it, loads it, and says what is missing: on the page, which nothing may cover then.
function bring(what) {
  for (const sheet of document.querySelectorAll("dialog[open]")) sheet.close();
  window.foooAct = JSON.stringify(what);
  awaitAnswer();
  find("#recall")?.click();
}

function isSettings(text) {
  if (TELLS_SETTINGS.test(text)) return true;
  if (!/^\s*\{/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false; // such as {red|blue} cat, which is a prompt
  }
}

const bringText = (text) => bring(text.length > MOST_LETTERS ? { problem: "too_large" } : { text });

// Awaited from here on: an upload takes its time.
async function bringFiles(files) {
  awaitAnswer();
  await readFiles(files).finally(takeAnswer);
}

async function readFiles(files) {
  if (files.length > 1) return bring({ problem: "several" });
  const [file] = files;
  if (TEXT_FILE.test(file.name)) return bringText(await file.text());
  if (!PICTURE_FILE.test(file.name)) return bring({ problem: "no_picture" });
  const form = new FormData();
  form.append("files", file);
  const answer = await fetch("gradio_api/upload", { method: "POST", body: form }).catch(() => null);
  if (!answer?.ok) return bring({ problem: { 413: "too_large", 415: "no_picture" }[answer?.status] ?? "lost" });
  const [path] = await answer.json();
  bring({ path });
}

const takesText = (element) => element.closest?.("input, textarea, [contenteditable]");

document.addEventListener(
  "paste",
  (event) => {
    const { files } = event.clipboardData;
    const text = event.clipboardData.getData("text/plain");
    const inWords = inBox(event) || !takesText(event.target);
    if (text && inWords && isSettings(text)) bringText(text);
    else if (files.length && !text) bringFiles([...files]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);

// What is dragged within the page itself is none of this.
let isOwn = false;
document.addEventListener("dragstart", () => (isOwn = true), true);
document.addEventListener("dragend", () => (isOwn = false), true);

const FROM_A_PAGE = "text/uri-list";
const drags = ({ dataTransfer }) => !isOwn && ["Files", FROM_A_PAGE].some((type) => dataTransfer?.types.includes(type));

function cover(shown) {
  let place = find("#dropping");
  if (!place && !shown) return;
  place ??= part("div", { id: "dropping" }, part("p"));
  // what is open as a sheet lies above all that is not in it
  const above = [...document.querySelectorAll("dialog[open]")].at(-1) ?? find(".gradio-container");
  if (place.parentNode !== above) above.append(place);
  place.firstChild.textContent = saidOfWords("drop_here");
  place.hidden = !shown;
}

for (const name of ["dragenter", "dragover"])
  document.addEventListener(
    name,
    (event) => {
      if (!drags(event)) return;
      event.preventDefault();
      event.stopPropagation();
      event.dataTransfer.dropEffect = "copy";
      cover(true);
    },
    true,
  );
document.addEventListener("dragleave", (event) => event.relatedTarget ?? cover(false), true);
document.addEventListener(
  "drop",
  (event) => {
    cover(false);
    if (!drags(event)) return;
    event.preventDefault();
    event.stopPropagation();
    const files = [...event.dataTransfer.files];
    if (files.length) bringFiles(files);
    else bring({ problem: "address" });
  },
  true,
);
