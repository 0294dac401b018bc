/** Listens to the live updates, and says so when they stay away. Plain JavaScript. */
export const CONNECT_SCRIPT = `
/** Updates come every two seconds; after so long without one, nobody is there. */
const SILENCE_MS_MAX = 10000;
const RETRY_MS = 3000;
let source = null;
let heardMs = performance.now();
let lostSince = null;

function connect() {
  if (source !== null) source.close();
  heardMs = performance.now();
  source = new EventSource("/events");
  source.addEventListener("status", (event) => {
    heardMs = performance.now();
    found();
    show(JSON.parse(event.data));
  });
  source.addEventListener("error", () => {
    lost();
    // The browser tries again by itself, but not after an answer that it does not like.
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, RETRY_MS);
  });
}
function found() {
  setText(byId("connection"), "live");
  if (lostSince === null) return;
  lostSince = null;
  document.body.classList.remove("stale");
  showNotice("");
}
function lost() {
  if (lostSince === null) lostSince = new Date().toISOString();
  document.body.classList.add("stale");
  setText(byId("connection"), "disconnected");
  showNotice("Disconnected since " + timeOfDay(lostSince, lostSince, true) + ", trying again. " + (last === null ? ""
    : "What you see is from " + timeOfDay(last.at, lostSince, true) + "; what happened since, this page does not know."));
  setText(byId("announcement"), "Disconnected, trying again.");
  showPill(byId("status"), ["idle", "not known"]);
  showIcon("");
  if (!document.title.startsWith("Disconnected")) document.title = "Disconnected - " + document.title;
}
setInterval(() => {
  if (performance.now() - heardMs <= SILENCE_MS_MAX) return;
  lost();
  connect();
}, 2000);
showView();
connect();
`;
