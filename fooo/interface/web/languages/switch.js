// The page in another language: the browser keeps the choice, and the page is opened anew with the words in its box.
const YEAR = 365 * 24 * 60 * 60; // s

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do=language]");
  if (!button) return;
  document.cookie = `${button.dataset.cookie}=${button.lang}; Path=/; Max-Age=${YEAR}; SameSite=Lax`;
  keepWords();
  location.reload();
});
