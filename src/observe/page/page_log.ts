/** The last warnings and errors, and the end of the log; asked for when somebody opens them. Plain JavaScript. */
export const LOG_SCRIPT = `
const LOG_MS = 5000;
/** The server names no more. */
const STREAMS_NAMED_MAX = 20;
let logTimer = null;
let errorsShown = -1;

function showErrorCount(status) {
  const count = status.errorCount || 0;
  setText(byId("errors-note"), count === 0 ? "none since this instance started"
    : plural(count, "message", "messages") + " since this instance started");
  if (byId("errors").open && count !== errorsShown) askLog();
}
async function askLog() {
  clearTimeout(logTimer);
  if (!byId("errors").open && !byId("log").open) return;
  if (byId("log").open) logTimer = setTimeout(askLog, LOG_MS);
  if (document.hidden) return;
  const count = last === null ? -1 : last.errorCount;
  const answer = await ask("/log");
  if (answer === null) return;
  errorsShown = count;
  showErrors(answer.errors);
  showLines(answer.lines);
}
function showErrors(errors) {
  byId("errors-empty").hidden = errors.length > 0;
  const nowIso = last === null ? new Date().toISOString() : last.at;
  const items = errors.map((error) => ({ ...error, when: timeOfDay(error.at, nowIso, true) }));
  refill(byId("error-list"), items, (li, error) => {
    addTime(li, error);
    showPill(make("span", "", li), error.level === "error" ? ["bad", "error"] : ["warn", "warning"]);
    const about = make("b", "", li);
    setText(about, aboutText(error.streams));
    about.title = error.streams.length > 3 ? error.streams.join("\\n") : "";
    setText(make("span", "text", li), error.text);
    if (error.times > 1) {
      setText(make("span", "quiet", li), error.times + " times since " + timeOfDay(error.since, nowIso, true));
    }
  });
}
function aboutText(streams) {
  if (streams.length <= 3) return streams.join(", ");
  return streams.length < STREAMS_NAMED_MAX ? streams.length + " streams" : STREAMS_NAMED_MAX + " streams or more";
}
function showLines(lines) {
  byId("log-hidden").hidden = lines !== null;
  const list = byId("log-lines");
  list.hidden = lines === null;
  if (lines === null) return;
  const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  const nowIso = last === null ? new Date().toISOString() : last.at;
  const items = lines.map((line) => ({ ...line, when: timeOfDay(line.at, nowIso, true) }));
  refill(list, items, (li, line) => {
    li.className = line.level;
    addTime(li, line);
    setText(make("span", "level", li), line.level);
    setText(make("span", "text", li), line.text);
  });
  if (isAtEnd) list.scrollTop = list.scrollHeight;
}
function addTime(li, { at, when }) {
  const time = make("time", "", li);
  time.dateTime = at;
  time.title = at;
  setText(time, when);
}
function refill(list, items, fill) {
  const key = JSON.stringify(items);
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(...items.map((item) => {
    const li = make("li");
    fill(li, item);
    return li;
  }));
}
byId("errors").addEventListener("toggle", askLog);
byId("log").addEventListener("toggle", askLog);
`;
