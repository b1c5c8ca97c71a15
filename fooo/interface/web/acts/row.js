// What can be done with an earlier picture is offered right below it, in the row itself, while the pointer rests on it or
// the keyboard has reached it. A tap opens it large, with the same acts below it.

const REST = 150; // ms on a picture after which its acts come: on the way to those of another they stay
const offered = () => find("#row .acts");

// Args: link: To the picture; nothing takes the acts away.
function offerActs(link) {
  const shown = offered();
  if (link && shown?.previousElementSibling === link) return;
  shown?.remove();
  if (!link) return;
  const acts = actsOn(link);
  acts.forEach((each, place) => {
    each.classList.add("quiet");
    each.tabIndex = place ? -1 : 0; // one stop for Tab; arrows walk on
  });
  link.after(part("div", { className: "acts", role: "toolbar", ariaLabel: link.querySelector("img").alt }, ...acts));
  aimActs();
}

// The middle of the picture, from the row's left edge.
function aimActs() {
  const shown = offered();
  if (!shown) return;
  const { left, width } = shown.previousElementSibling.getBoundingClientRect();
  shown.style.setProperty("--at", `${left + width / 2 - find("#row").getBoundingClientRect().left}px`);
}

let resting;
document.addEventListener("pointerover", ({ target, pointerType }) => {
  if (pointerType === "touch") return;
  clearTimeout(resting);
  if (target.closest("#row .acts")) return;
  const link = target.closest("#row a.open");
  resting = setTimeout(() => {
    if (link?.isConnected) offerActs(link);
    else if (!find("#row .acts :focus-visible")) offerActs(find("#row a.open:focus-visible"));
  }, REST);
});

document.addEventListener("focusin", ({ target }) => {
  const link = target.closest("#row a.open");
  if (link?.matches(":focus-visible")) offerActs(link);
  else if (!target.closest("#row")) offerActs(null);
});

document.addEventListener("keydown", ({ key, target }) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
  const place = target.closest?.("#row :is(.acts, .earlier)");
  if (!step || !place) return;
  const stops = [...place.children].filter((each) => !each.matches(".acts"));
  const next = stops[stops.indexOf(target) + step];
  if (!next) return;
  if (place.matches(".acts")) [target.tabIndex, next.tabIndex] = [-1, 0];
  next.focus();
});

document.addEventListener("scroll", aimActs, { capture: true, passive: true });
