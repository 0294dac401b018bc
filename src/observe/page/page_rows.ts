/** The table of streams: rows that change where their stream has, and what is below a row that was opened. Plain JavaScript. */
export const ROWS_SCRIPT = `
/** Rows that are shown at first, and more at each order. */
const ROWS_STEP = 100;
const ROWS_STEP_NARROW = 40;
/** So long after the pointer moved over the table, rows stay where they are. */
const STILL_MS = 3000;
const narrow = matchMedia("(max-width: 40rem)");
const rows = new Map();
let rowsMax = narrow.matches ? ROWS_STEP_NARROW : ROWS_STEP;
let pointerMovedMs = -STILL_MS;

/** A stream's name, with its level in the background and places to break it. */
function writeName(element, name) {
  const colon = name.indexOf(":") + 1;
  const level = name.slice(0, colon);
  setText(make("span", level === "collection:" ? "level common" : "level", element), level);
  for (const part of name.slice(colon).split(/(?<=[._])/)) element.append(document.createElement("wbr"), part);
}
function newRow(stream) {
  const tr = make("tr");
  tr.setAttribute("role", "row");
  const cell = (tag, className, label) => {
    const element = make(tag, className, tr);
    element.setAttribute("role", tag === "th" ? "rowheader" : "cell");
    if (label) element.dataset.label = label;
    return element;
  };
  const row = { tr, key: stream.key, drawn: "", more: null };
  const head = cell("th", "");
  head.scope = "row";
  row.name = make("button", "name", head);
  row.name.type = "button";
  row.name.setAttribute("aria-expanded", "false");
  writeName(row.name, stream.name);
  row.error = make("span", "error", head);
  row.condition = make("span", "pill", cell("td", "condition"));
  row.lake = cell("td", "number", "in the lake");
  row.lag = cell("td", "number", "lag");
  const rate = cell("td", "number rate", "events/s");
  row.rate = make("span", "", rate);
  row.line = make("span", "line", rate);
  row.oplog = cell("td", "number", "oplog left");
  row.stored = cell("td", "number extra", "stored");
  row.owner = cell("td", "owner extra", "instance");
  row.orders = cell("td", "orders");
  addOrders(row);
  row.name.addEventListener("click", () => toggleRow(row));
  seen.observe(tr);
  tr.dataset.key = stream.key;
  rows.set(stream.key, row);
  return row;
}
function addOrders(row) {
  for (const name of ["pause", "flush"]) {
    row[name] = make("button", "", row.orders);
    row[name].type = "button";
  }
  setText(row.flush, "Flush");
  row.flush.addEventListener("click", () => give(row, "flush"));
  row.pause.addEventListener("click", () => give(row, row.stream.condition === "paused" ? "resume" : "pause"));
}

function showRow(row, stream, status, isExplained) {
  row.stream = stream;
  if (row.more) showMore(row, stream, status);
  const drawn = JSON.stringify([stream, status.oplogWindowSeconds, isExplained]);
  if (row.drawn === drawn) return;
  row.drawn = drawn;
  // What the banner says once is not said again in each row.
  const error = stream.error !== null && !isExplained ? stream.error.message : "";
  setText(row.error, error);
  row.error.hidden = error === "";
  row.tr.classList.toggle("brief", error === "" && (isExplained || GROUPS.well[1](stream)));
  showPill(row.condition, conditionOf(stream));
  setText(row.owner, stream.owner || "-");
  setFigure(row.lake, duration(lakeLagOf(stream)), isBehind(stream));
  setFigure(row.lag, duration(stream.lagSeconds), isReadLate(stream));
  setText(row.rate, perSecond(stream.rate));
  setText(row.stored, number(stream.events));
  setFigure(row.oplog, duration(stream.oplogHeadroomSeconds), isShortOfOplog(stream, status.oplogWindowSeconds));
  const pause = stream.condition === "paused" ? "Resume" : "Pause";
  setText(row.pause, pause);
  row.pause.setAttribute("aria-label", pause + " " + stream.name);
  row.flush.setAttribute("aria-label", "Flush " + stream.name);
  row.flush.disabled = stream.condition !== "running";
}
function setFigure(element, text, isAlarming) {
  setText(element, text);
  element.classList.toggle("alarm", isAlarming);
}

function toggleRow(row) {
  const isOpen = row.more === null;
  row.name.setAttribute("aria-expanded", String(isOpen));
  row.tr.classList.toggle("open", isOpen);
  if (!isOpen) {
    row.orders.append(row.pause, row.flush);
    row.more.tr.remove();
    row.more = null;
    return;
  }
  const tr = make("tr", "more");
  tr.setAttribute("role", "row");
  const cell = make("td", "", tr);
  cell.setAttribute("role", "cell");
  cell.colSpan = 9;
  // Where there is no room for a column of buttons, they are here.
  if (!row.pause.checkVisibility()) make("div", "orders", cell).append(row.pause, row.flush);
  row.more = { tr, line: make("span", "line large", cell), facts: make("dl", "facts", cell), values: new Map() };
  row.tr.after(tr);
  showMore(row, row.stream, last);
  askHistory();
}
const WIDE_FACTS = ["Error", "Last object", "Read by"];
/** All that is known of a stream, in words. */
function showMore(row, stream, status) {
  const object = stream.lastObject;
  const facts = {
    "Error": stream.error === null ? null : stream.error.message + " (" +
      ((stream.error.since || stream.error.at) === stream.error.at ? "" : "first " + ago(stream.error.since, status.at) + ", last ") +
      ago(stream.error.at, status.at) + ")",
    "Last object": object === null ? null : object.key,
    "Holds": object === null ? null : plural(object.rows, "event", "events") + ", " + bytes(object.bytes) + ", stored " + ago(object.at, status.at),
    "Stored in all": plural(stream.events, "event", "events") + " in " + plural(stream.objects, "object", "objects") + ", " + bytes(stream.bytes),
    "Dead letters": stream.deadLetters ? number(stream.deadLetters) : null,
    "Read, not yet stored": isNothing(stream.bufferedEvents) ? null : plural(stream.bufferedEvents, "event", "events"),
    "Journal's position": isNothing(stream.positionAgeSeconds) ? null : duration(stream.positionAgeSeconds) + " old",
    "Read by": readerText(stream.reader),
    "Instance": stream.owner,
    "Lease generation": isNothing(stream.generation) ? null : String(stream.generation),
  };
  for (const [name, text] of Object.entries(facts)) {
    let entry = row.more.values.get(name);
    if (!entry) {
      const div = make("div", WIDE_FACTS.includes(name) ? "wide" : "", row.more.facts);
      setText(make("dt", "", div), name);
      if (name === "Error") div.classList.add("alarm");
      entry = { div, dd: make("dd", "", div) };
      row.more.values.set(name, entry);
    }
    entry.div.hidden = isNothing(text);
    setText(entry.dd, text || "");
  }
}

function showStreams(status) {
  const streams = inOrder(wantedOf(status.streams, view, status.causes), view);
  const shown = asTheyStood(streams.slice(0, rowsMax));
  const explained = new Set(status.causes.flatMap((cause) => cause.streams));
  const keys = new Set(shown.map((stream) => stream.key));
  for (const [key, row] of rows) {
    if (keys.has(key)) continue;
    seen.unobserve(row.tr);
    if (row.more) row.more.tr.remove();
    row.tr.remove();
    rows.delete(key);
  }
  const body = byId("rows");
  const focused = document.activeElement;
  let next = body.firstElementChild;
  const put = (tr) => {
    if (next === tr) next = next.nextElementSibling;
    else body.insertBefore(tr, next);
  };
  for (const stream of shown) {
    const row = rows.get(stream.key) || newRow(stream);
    showRow(row, stream, status, explained.has(stream.key) || explained.has(stream.name));
    put(row.tr);
    if (row.more) put(row.more.tr);
  }
  // A row that moves would lose the focus.
  if (focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
  byId("table").hidden = shown.length === 0;
  showRest(status, streams.length - shown.length);
}
/** While somebody points at a row, it does not run away. */
function asTheyStood(streams) {
  if (performance.now() - pointerMovedMs > STILL_MS) return streams;
  const places = new Map([...rows.keys()].map((key, i) => [key, i]));
  const place = (stream) => places.has(stream.key) ? places.get(stream.key) : places.size;
  return streams.slice().sort((a, b) => place(a) - place(b));
}
function showRest(status, rest) {
  const step = narrow.matches ? ROWS_STEP_NARROW : ROWS_STEP;
  byId("rest").hidden = rest === 0;
  setText(byId("rest-button"), "Show " + Math.min(rest, step) + " more");
  setText(byId("rest-note"), plural(rest, "stream is", "streams are") + " not shown.");
  const isEmpty = byId("table").hidden;
  byId("empty").hidden = !isEmpty;
  if (isEmpty) setText(byId("empty"), emptyText(status));
}
function emptyText(status) {
  if (status.streams.length > 0) return "No stream is like this.";
  if (status.processing_status === "starting") return "Starting: the streams show here in a moment.";
  if (status.processing_status === "stopping") return "Stopping: all streams are stored and given back.";
  if (status.instances.length > 1) return "This instance stands by: the others run all streams.";
  return "There are no streams yet. One shows as soon as there is a collection to watch.";
}
byId("rest-button").addEventListener("click", () => {
  rowsMax += narrow.matches ? ROWS_STEP_NARROW : ROWS_STEP;
  showStreams(last);
});
byId("rows").addEventListener("pointermove", (event) => {
  if (event.pointerType === "mouse") pointerMovedMs = performance.now();
});
`;
