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
  source = new EventSource("/events?changes");
  source.addEventListener("status", (event) => heard(JSON.parse(event.data)));
  source.addEventListener("change", (event) => heard(changed(last, JSON.parse(event.data))));
  source.addEventListener("error", () => {
    lost();
    // The browser tries again by itself, but not after an answer that it does not like.
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, RETRY_MS);
  });
}
function heard(status) {
  heardMs = performance.now();
  found();
  show(status);
}
/** The state of now, made of the one before and what is another since then; ages have grown with the time. */
function changed(before, { streams, gone, ...fields }) {
  const grown = (Date.parse(fields.at) - Date.parse(before.at)) / 1000;
  const older = (age) => age === null ? null : age + grown;
  const all = new Map(before.streams.map((s) => [s.key, { ...s, lagSeconds: older(s.lagSeconds),
    lakeLagSeconds: older(s.lakeLagSeconds), positionAgeSeconds: older(s.positionAgeSeconds) }]));
  for (const key of gone) all.delete(key);
  for (const stream of streams) all.set(stream.key, stream);
  return { ...before, ...fields, streams: [...all.values()].sort((a, b) => a.name < b.name ? -1 : 1) };
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
