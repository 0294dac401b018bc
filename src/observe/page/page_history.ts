/** Asks for the history of the rows that somebody sees, and of all streams together, and draws it. Plain JavaScript. */
export const HISTORY_SCRIPT = `
const HISTORY_MS = 10000;
/** The server tells of no more at once. */
const HISTORIES_MAX = 100;
const visible = new Set();
let historyTimer = null;

const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) visible.add(target.dataset.key);
    else visible.delete(target.dataset.key);
  }
  askSoon(200);
}, { rootMargin: "600px 0px" });

function askSoon(ms) {
  clearTimeout(historyTimer);
  historyTimer = setTimeout(askHistory, ms);
}
async function askHistory() {
  askSoon(HISTORY_MS);
  if (document.hidden || last === null) return;
  const keys = [...visible].filter((key) => rows.has(key)).slice(0, HISTORIES_MAX);
  const query = keys.map((key) => "stream=" + encodeURIComponent(key)).join("&");
  const history = await ask("/history?" + query);
  if (history === null) return;
  drawChart(byId("rate-line"), history.total, history.secondsAgo);
  for (const [key, values] of Object.entries(history.streams)) {
    const row = rows.get(key);
    if (!row) continue;
    drawChart(row.line, values, history.secondsAgo);
    if (row.more) drawChart(row.more.line, values, history.secondsAgo);
  }
}
/** Null where the answer does not come; the live updates say why. */
async function ask(path) {
  try {
    const response = await fetch(path);
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}
document.addEventListener("visibilitychange", () => askSoon(0));
`;
