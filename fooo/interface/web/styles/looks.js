// How styles look and which are liked: tiles get their pictures and stars when the sheet is first opened.

let looks; // what the server says of styles: { favourites, pictures }

async function askForLooks() {
  try {
    const answer = await fetch("api/styles");
    if (answer.ok) looks = await answer.json();
  } catch {
    // offline: names on calm tiles do as well
  }
}

// What is known is shown at once; what has come meanwhile fills places that are there, and moves nothing.
async function openLooks() {
  const known = looks !== undefined;
  if (known) showLooks();
  await askForLooks();
  if (looks) known ? fillTiles() : showLooks();
}

function showLooks() {
  const sheet = find("#styles");
  sheet.querySelectorAll(".cell").forEach((cell, place) => {
    cell.dataset.home ??= cell.closest("section").dataset.family ?? "";
    cell.dataset.place ??= place;
    if (cell.dataset.home) showStar(cell, sheet.dataset.star);
  });
  fillTiles();
  gatherFavourites(sheet);
}

function fillTiles() {
  for (const tile of document.querySelectorAll("#styles .tile")) fillTile(tile, looks.pictures[tile.dataset.style]);
}

function fillTile(tile, address) {
  const shown = tile.querySelector("img");
  if (!address || shown?.getAttribute("src") === address) return;
  const image = Object.assign(document.createElement("img"), { alt: "", loading: "lazy", decoding: "async" });
  image.addEventListener("error", () => image.remove());
  image.src = address;
  shown?.remove();
  tile.prepend(image);
}

function showStar(cell, label) {
  const tile = cell.querySelector(".tile");
  const star = cell.querySelector(".star") ?? Object.assign(document.createElement("button"), { type: "button", className: "star" });
  star.dataset.do = "like-style";
  star.ariaLabel = label.replace("{name}", tile.querySelector("b").textContent);
  star.ariaPressed = String(looks.favourites.includes(tile.dataset.style));
  cell.append(star);
}

// Favourites stand first. Tiles move when the sheet is opened, never under a finger.
function gatherFavourites(sheet) {
  const wall = sheet.querySelector(".favourites .wall");
  for (const cell of [...wall.children]) goHome(sheet, cell);
  wall.append(...[...sheet.querySelectorAll("[data-family]:not(.further) .star[aria-pressed=true]")].map((star) => star.parentElement));
  wall.parentElement.hidden = !wall.children.length;
}

function goHome(sheet, cell) {
  const home = sheet.querySelector(`[data-family="${CSS.escape(cell.dataset.home)}"] .wall`);
  home.insertBefore(cell, [...home.children].find((other) => Number(other.dataset.place) > Number(cell.dataset.place)) ?? null);
}

async function likeStyle(star) {
  const { style } = star.parentElement.querySelector(".tile").dataset;
  const favourite = star.ariaPressed !== "true";
  star.ariaPressed = String(favourite);
  try {
    const answer = await fetch("api/styles/favourite", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ style, favourite }),
    });
    if (!answer.ok) throw new Error(answer.status);
    looks = await answer.json();
  } catch {
    star.ariaPressed = String(!favourite);
  }
}

function tryStyles() {
  find("#styles").close();
  find("#try-styles")?.click();
}

function finishStyle({ job, number }) {
  window.foooAct = JSON.stringify({ job, number });
  find("#finish-style")?.click();
}

// In the large view of a picture of a contact sheet.
function finishOn({ dataset: { finish, job, number } }) {
  if (!finish) return [];
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: finish });
  Object.assign(button.dataset, { do: "finish", job, number });
  return [button];
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button?.dataset.do === "like-style") likeStyle(button);
  if (button?.dataset.do === "try-styles") tryStyles();
  if (button?.dataset.do === "finish") finishStyle(button.dataset);
});

// Asked for once the page has come to rest, so that they are there when the sheet is opened.
(window.requestIdleCallback ?? setTimeout)(askForLooks);
