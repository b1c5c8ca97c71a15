// The English names in the place of the Chinese ones, where the model reads English only.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do=english]");
  // a person who typed on meanwhile has other words in the box, of which the line will tell in a moment
  if (button && pageWords().value.trim() === button.dataset.typed.trim()) write(button.dataset.words);
});
