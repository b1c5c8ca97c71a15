// What is chosen, brought or begun with is answered by the server with all that it sets. A press before that answer waits
// for it, busy, and draws what is shown then: sooner it would take the new choice with what the last one had set.

const LONGEST_WAIT = 10_000; // ms: an answer that stays away holds back no press for ever
const DRAWING_PRESSES = "#generate, #again, #try-styles";

const awaited = []; // the timers of what is not answered yet, the oldest first
let heldPress = null; // a second press while one waits is the same one, pressed impatiently

function awaitAnswer() {
  awaited.push(setTimeout(takeAnswer, LONGEST_WAIT));
}

function takeAnswer() {
  clearTimeout(awaited.shift());
  if (awaited.length || !heldPress) return;
  const button = heldPress;
  heldPress = null;
  button.ariaBusy = null;
  button.click();
}

window.foooAwaits = awaitAnswer;
window.foooAnswered = takeAnswer;

document.addEventListener(
  "click",
  (event) => {
    const button = event.target.closest(DRAWING_PRESSES);
    if (!button || !awaited.length) return;
    event.stopImmediatePropagation();
    heldPress ??= button;
    heldPress.ariaBusy = "true";
  },
  true,
);
