/** The page's program: takes each status as it comes, and changes what differs. Plain JavaScript for browsers. */
export const PAGE_SCRIPT = `"use strict";
const ROWS_MAX = 300;
const FILTER_FROM = 10;
const FLEET_OLD_SECONDS = 20;
const byId = (id) => document.getElementById(id);
const rows = new Map();
let last = null;
let filterText = "";
let notice = "";

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
function setClass(element, name) {
  if (element.className !== name) element.className = name;
}
function make(tag, className, parent) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (parent) parent.append(element);
  return element;
}

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
function number(value) {
  if (value === null) return "-";
  return value < 10000 ? whole.format(value) : compact.format(value);
}
function perSecond(value) {
  return value > 0 && value < 10 ? value.toFixed(1) : number(value);
}
function bytes(value) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) { value /= 1024; unit++; }
  return (unit === 0 || value >= 100 ? whole.format(value) : value.toFixed(1)) + " " + units[unit];
}
function duration(seconds) {
  if (seconds === null) return "-";
  if (seconds < 90) return whole.format(seconds) + " s";
  if (seconds < 5400) return whole.format(seconds / 60) + " min";
  if (seconds < 259200) return whole.format(seconds / 3600) + " h";
  return whole.format(seconds / 86400) + " d";
}
function ago(iso, nowIso) {
  return duration(Math.max(0, (Date.parse(nowIso) - Date.parse(iso)) / 1000)) + " ago";
}
function plural(count, one, many) {
  return number(count) + " " + (count === 1 ? one : many);
}

const SVG = "http://www.w3.org/2000/svg";
function drawLine(holder, rates) {
  const key = rates.join();
  if (holder.dataset.rates === key) return;
  holder.dataset.rates = key;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 100 30");
  svg.setAttribute("preserveAspectRatio", "none");
  if (rates.length > 1) {
    const most = Math.max(1, ...rates);
    const x = (i) => (100 - (rates.length - 1 - i) * 100 / 59).toFixed(1);
    const y = (rate) => (29 - rate / most * 27).toFixed(1);
    const points = rates.map((rate, i) => x(i) + " " + y(rate)).join("L");
    addPath(svg, "area", "M" + x(0) + " 30L" + points + "L100 30Z");
    addPath(svg, "", "M" + points);
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", "the last minutes: " + perSecond(Math.min(...rates)) + " to " +
      perSecond(Math.max(...rates)) + " events a second");
  } else {
    svg.setAttribute("aria-hidden", "true");
  }
  holder.replaceChildren(svg);
}
function addPath(svg, className, d) {
  const path = document.createElementNS(SVG, "path");
  if (className) path.setAttribute("class", className);
  path.setAttribute("d", d);
  svg.append(path);
}

const CONDITIONS = {
  running: ["good", "running"], opening: ["", "opening"], waiting: ["warn", "trying again"],
  failed: ["bad", "failed"], paused: ["idle", "paused"], elsewhere: ["good", "held"],
  free: ["warn", "nobody has it"], stopped: ["idle", "stopped"], closed: ["idle", "closed"],
};
const STATES = {
  healthy: ["good", "healthy"], degraded: ["warn", "degraded"], stuck: ["bad", "stuck"],
  unhealthy: ["bad", "away"], unknown: ["", "not known yet"],
};
function showPill(element, [tone, text]) {
  setClass(element, "pill " + tone);
  setText(element, text);
}

/** A stream's name, with its level in the background and places to break it. */
function writeName(element, name) {
  const colon = name.indexOf(":") + 1;
  setText(make("span", "quiet", element), name.slice(0, colon));
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
  const row = { tr };
  const head = cell("th", "");
  head.scope = "row";
  writeName(make("span", "", head), stream.name);
  row.error = make("span", "error", head);
  row.condition = make("span", "pill", cell("td", "condition"));
  row.owner = cell("td", "owner", "Instance");
  row.lag = cell("td", "number", "Lag");
  const rate = cell("td", "number", "Events a second");
  row.rate = make("span", "", rate);
  rate.append(" ");
  row.line = make("span", "line", rate);
  row.stored = cell("td", "number", "Stored");
  row.oplog = cell("td", "number", "Oplog left");
  const object = cell("td", "object", "Last object");
  row.object = make("span", "name", object);
  row.objectNote = make("span", "quiet", object);
  const orders = cell("td", "orders");
  row.pause = make("button", "", orders);
  row.flush = make("button", "", orders);
  row.pause.type = row.flush.type = "button";
  setText(row.flush, "Flush");
  row.flush.addEventListener("click", () => give(row, "flush"));
  row.pause.addEventListener("click", () => give(row, row.paused ? "resume" : "pause"));
  rows.set(stream.key, row);
  return row;
}

function showRow(row, stream, status) {
  row.stream = stream;
  row.paused = stream.condition === "paused";
  setText(row.error, stream.error === null ? "" : stream.error.message);
  row.error.hidden = stream.error === null;
  showPill(row.condition, CONDITIONS[stream.condition] || ["", stream.condition]);
  setText(row.owner, stream.owner || "-");
  const behind = stream.lagSeconds === null ? stream.positionAgeSeconds : stream.lagSeconds;
  setText(row.lag, duration(behind));
  setClass(row.lag, isAlarming(behind, 300) ? "number alarm" : "number");
  drawLine(row.line, stream.rates);
  setText(row.rate, perSecond(stream.rates.length ? stream.rates[stream.rates.length - 1] : null));
  setText(row.stored, number(stream.events));
  row.stored.title = whole.format(stream.events) + " events in " + plural(stream.objects, "object", "objects") +
    ", " + bytes(stream.bytes) + (stream.deadLetters ? ", " + plural(stream.deadLetters, "dead letter", "dead letters") : "");
  const share = stream.oplogHeadroomSeconds === null ? 1 : stream.oplogHeadroomSeconds / status.oplogWindowSeconds;
  setText(row.oplog, duration(stream.oplogHeadroomSeconds));
  setClass(row.oplog, share < 0.1 ? "number alarm" : "number");
  const object = stream.lastObject;
  setText(row.object, object === null ? "-" : "\\u200e" + object.key);
  row.object.title = object === null ? "" : object.key;
  setText(row.objectNote, object === null ? "" :
    plural(object.rows, "event", "events") + ", " + bytes(object.bytes) + ", " + ago(object.at, status.at));
  setText(row.pause, row.paused ? "Resume" : "Pause");
  row.pause.setAttribute("aria-label", (row.paused ? "Resume " : "Pause ") + stream.name);
  row.flush.setAttribute("aria-label", "Flush " + stream.name);
  row.flush.disabled = stream.condition !== "running";
}
function isAlarming(seconds, limit) {
  return seconds !== null && seconds > limit;
}

const ORDER = { failed: 0, waiting: 1, free: 2 };
function showStreams(status) {
  const place = (stream) => ORDER[stream.condition] === undefined ? 3 : ORDER[stream.condition];
  const wanted = status.streams.filter((s) => s.name.toLowerCase().includes(filterText));
  const shown = wanted.sort((a, b) => place(a) - place(b)).slice(0, ROWS_MAX);
  const keys = new Set(shown.map((stream) => stream.key));
  for (const [key, row] of rows) {
    if (!keys.has(key)) { row.tr.remove(); rows.delete(key); }
  }
  const body = byId("rows");
  shown.forEach((stream, i) => {
    const row = rows.get(stream.key) || newRow(stream);
    showRow(row, stream, status);
    if (body.children[i] !== row.tr) body.insertBefore(row.tr, body.children[i] || null);
  });
  byId("table").hidden = shown.length === 0;
  const more = wanted.length - shown.length;
  byId("more").hidden = more === 0;
  setText(byId("more"), plural(more, "more stream is", "more streams are") + " not shown; find them by name.");
  byId("filter-label").hidden = status.streams.length < FILTER_FROM;
  byId("empty").hidden = shown.length > 0;
  setText(byId("empty"), emptyText(status));
}
function emptyText(status) {
  if (status.streams.length > 0) return "No stream's name contains this.";
  if (status.processing_status === "starting") return "Starting: the streams show here in a moment.";
  if (status.processing_status === "stopping") return "Stopping: all streams are stored and given back.";
  if (status.instances.length > 1) return "This instance stands by: the others run all streams.";
  return "There are no streams yet. One shows as soon as there is a collection to watch.";
}

function worst(streams, field, better) {
  return streams.filter((s) => s[field] !== null)
    .reduce((a, b) => a === null || better(b[field], a[field]) ? b : a, null);
}
function showTiles(status) {
  const { streams, memory } = status;
  const length = Math.max(0, ...streams.map((s) => s.rates.length));
  const total = Array.from({ length }, (_, i) =>
    streams.reduce((sum, s) => sum + (s.rates[s.rates.length - length + i] || 0), 0));
  setText(byId("rate"), length ? perSecond(total[length - 1]) : "-");
  drawLine(byId("rate-line"), total);
  const late = worst(streams, "lagSeconds", (a, b) => a > b);
  setText(byId("lag"), late === null ? "-" : duration(late.lagSeconds));
  setText(byId("lag-stream"), late === null ? "" : late.name);
  const read = streams.filter((s) => s.condition === "running" || s.condition === "elsewhere").length;
  setText(byId("read"), streams.length ? read + " of " + streams.length : "-");
  const bad = streams.filter((s) => s.condition === "failed" || s.condition === "waiting").length;
  const paused = streams.filter((s) => s.condition === "paused").length;
  setText(byId("read-note"), bad ? bad + " with errors" : paused ? paused + " paused" : "");
  const short = worst(streams, "oplogHeadroomSeconds", (a, b) => a < b);
  setText(byId("oplog"), short === null ? "-" : duration(short.oplogHeadroomSeconds));
  setText(byId("oplog-note"), status.oplogWindowSeconds === null ? "" : "of " + duration(status.oplogWindowSeconds));
  setText(byId("memory"), bytes(memory.bufferedBytes));
  setText(byId("memory-note"), "of " + bytes(memory.budgetBytes) + ", " + plural(memory.bufferedEvents, "event", "events"));
}

function showList(list, items) {
  const key = JSON.stringify(items);
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(...items.map(({ name, note, pill, why }) => {
    const li = make("li");
    setText(make("span", "name", li), name);
    setText(make("span", "quiet", li), note);
    if (pill) showPill(make("span", "", li), pill);
    if (why) setText(make("span", "why", li), why);
    return li;
  }));
}
const SERVICE_NAMES = { mongodb: "MongoDB", redis: "Redis", destination: "Destination" };
function showLists(status) {
  showList(byId("services"), status.dependencies.map((service) => ({
    name: SERVICE_NAMES[service.name] || service.name,
    note: "for " + ago(service.since, status.at).replace(" ago", ""),
    pill: STATES[service.state],
    why: service.reason,
  })));
  const age = status.fleetAt === null ? 0 : (Date.parse(status.at) - Date.parse(status.fleetAt)) / 1000;
  byId("fleet-note").hidden = age < FLEET_OLD_SECONDS;
  setText(byId("fleet-note"), "Of the others, what was known " + duration(age) + " ago is shown.");
  showList(byId("instances"), status.instances.map((instance) => ({
    name: instance.name,
    note: (instance.self ? "this one, " : "") + plural(instance.streams, "stream", "streams"),
    pill: instance.leaving ? ["idle", "stopping"] : null,
  })));
}

function show(status) {
  last = status;
  document.body.classList.toggle("readonly", !status.canControl);
  document.title = (status.status === "healthy" ? "" : status.status + ": ") + "tributary " + status.instance.pipeline;
  setText(byId("pipeline"), status.instance.pipeline);
  showPill(byId("status"), STATES[status.status]);
  showTiles(status);
  showStreams(status);
  showLists(status);
  setText(byId("about"), "tributary " + status.instance.version + ", instance " + status.instance.name +
    ", up for " + ago(status.instance.startedAt, status.at).replace(" ago", ""));
  announce(status);
}
function announce(status) {
  const bad = status.streams.filter((s) => s.error !== null).map((s) => s.name);
  const away = status.dependencies.filter((d) => d.state === "unhealthy").map((d) => SERVICE_NAMES[d.name]);
  setText(byId("announcement"), "Status " + status.status + "." +
    (away.length ? " Away: " + away.join(", ") + "." : "") +
    (bad.length ? " Streams with errors: " + bad.slice(0, 5).join(", ") + "." : "") + notice);
}
function showNotice(text) {
  byId("notice").hidden = text === "";
  setText(byId("notice"), text);
}

async function give(row, action) {
  const { name } = row.stream;
  row.pause.disabled = true;
  try {
    const response = await fetch("/streams/" + encodeURIComponent(name) + "/" + action, { method: "POST" });
    notice = response.ok ? " Done: " + action + " " + name + "." : " " + (await response.text()).trim();
    showNotice(response.ok ? "" : notice.trim());
  } catch {
    showNotice("The order did not arrive: the connection is lost.");
  } finally {
    row.pause.disabled = false;
    if (last !== null) announce(last);
  }
}

function connect() {
  const source = new EventSource("/events");
  source.addEventListener("status", (event) => {
    document.body.classList.remove("stale");
    setText(byId("connection"), "live");
    if (byId("notice").dataset.kind === "connection") showNotice("");
    byId("notice").dataset.kind = "";
    show(JSON.parse(event.data));
  });
  source.addEventListener("error", () => {
    document.body.classList.add("stale");
    setText(byId("connection"), "disconnected");
    byId("notice").dataset.kind = "connection";
    showNotice("The connection is lost; it is tried again." +
      (last === null ? "" : " What you see is from " + new Date(last.at).toLocaleTimeString() + "."));
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 5000);
  });
}

byId("filter").addEventListener("input", (event) => {
  filterText = event.target.value.toLowerCase();
  if (last !== null) showStreams(last);
});
connect();
`;
