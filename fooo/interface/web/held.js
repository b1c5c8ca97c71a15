// What holds the queue up: the ways on that its line offers.

const WAYS_ON = { "queue-retry": "retry", "queue-drop": "drop" };

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-do]");
  const way = WAYS_ON[button?.dataset.do];
  if (!way) return;
  button.disabled = true; // until the line is gone, or told anew
  const only = button.dataset.job ? `?job=${encodeURIComponent(button.dataset.job)}` : "";
  await fetch(`api/v1/queue/trouble/${way}${only}`, { method: "POST" });
  setTimeout(() => (button.disabled = false), 2000);
});
