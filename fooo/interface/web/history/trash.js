// The trash is emptied before its days are over: after one question, for nothing brings back what lay in it.

const trashLine = () =>
  part("p", { className: "trash", hidden: true }, part("span", { textContent: say("trash_about") }), press(say("clear"), "clear", { className: "chip" }));

function askToClear() {
  const question = part("p", { id: "question", textContent: say("clear_ask") });
  const keep = press(say("clear_no"), "close", { className: "chip" });
  const dialog = part("dialog", { className: "sheet question", role: "alertdialog" }, question, keep);
  dialog.append(press(say("clear_yes"), "clear-now", { className: "chip yes" }));
  dialog.setAttribute("aria-labelledby", question.id);
  dialog.addEventListener("close", () => dialog.remove());
  find(".gradio-container").append(dialog);
  dialog.showModal();
  keep.focus();
}

async function clearTrash(button) {
  button.closest("dialog").close();
  const done = await askHistory("/empty-trash", {});
  tellHistory(done.error ?? sayMany("cleared_", done.removed));
  inHistory(".days").focus();
  loadHistory();
}

const TRASH_DEEDS = { clear: askToClear, "clear-now": clearTrash };

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button) TRASH_DEEDS[button.dataset.do]?.(button);
});
