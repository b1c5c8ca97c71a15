// What is told of work: how far it is in the page's title, for who wants it that it is done, and how long the next takes.

const NAME = "Fooo";
const NOTIFIED = "fooo-notify";

let canNotify = isSecureContext && "Notification" in window;
const wantsNotice = () => canNotify && localStorage.getItem(NOTIFIED) === "true" && Notification.permission === "granted";

// Percent of the job that is drawn; null while there is none.
function percentDone() {
  const track = find("#status .busy .track");
  return track && Math.round(track.ariaValueNow);
}

// A job has ended, and each tells how quick the machine is: the time beside Generate is asked for anew.
let shownJob = "";
function tellTime() {
  const job = find("#status [data-job]")?.dataset.job ?? "";
  if (job === shownJob) return;
  if (shownJob) find("#preview")?.click();
  shownJob = job;
}

let shownPercent = null;
function tellWork() {
  tellTime();
  const percent = percentDone();
  const notify = find("[data-do=notify]");
  if (notify && notify.ariaChecked !== String(wantsNotice())) notify.ariaChecked = String(wantsNotice());
  if (percent === shownPercent) return;
  const ended = percent === null;
  document.title = ended ? NAME : `${percent} % · ${NAME}`;
  shownPercent = percent;
  if (ended && document.hidden && wantsNotice() && isDrawn()) notifyDone();
}

// A job that was stopped or has failed says so on the page.
const isDrawn = () => !find("#status span")?.textContent && !find("#notice .notice.wrong:not([hidden])");

function notifyDone() {
  try {
    new Notification(NAME, { body: barWords().finished, tag: NAME });
  } catch {
    offerNotices(false); // a browser on a phone takes them from installed pages' workers alone
  }
}

function offerNotices(can) {
  canNotify = can;
  document.body.classList.toggle("cannot-notify", !can);
}

async function swapNotice() {
  const now = !wantsNotice() && (await Notification.requestPermission()) === "granted";
  localStorage.setItem(NOTIFIED, String(now));
  tellWork();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-do=notify]")) swapNotice();
});

offerNotices(canNotify);
new MutationObserver(tellWork).observe(document.body, { childList: true, subtree: true });
