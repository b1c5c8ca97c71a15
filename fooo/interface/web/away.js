// The server does not answer: said once, calmly, in the page's language. Once it answers again the page is loaded anew.

const ASK_AGAIN = 2000; // ms
const LOST = /^Connection to the server was lost/; // as gradio's frontend says it

function sayAway() {
  const said = saidOfWords("not_answering");
  if (!said || find("#away")) return;
  document.body.classList.add("away"); // nothing of what was under way is told meanwhile
  document.title = NAME;
  find("#says").append(part("p", { id: "away", className: "notice calm", role: "status" }, part("span", { textContent: said })));
  setInterval(askToLogIn, ASK_AGAIN);
}

// Gradio's frontend loads the page anew when the server lets it in; after a new start it may want a login before.
async function askToLogIn() {
  const answer = await fetch("gradio_api/app_id").catch(() => null);
  if (answer?.status === 401) location.reload();
}

new MutationObserver(() => {
  if ([...document.querySelectorAll(".toast-message-text")].some((place) => LOST.test(place.textContent))) sayAway();
}).observe(document.body, { childList: true, subtree: true });
