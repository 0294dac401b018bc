import { CAUSES_SCRIPT } from "./page_causes.ts";
import { CHART_SCRIPT } from "./page_chart.ts";
import { CONNECT_SCRIPT } from "./page_connect.ts";
import { FORMAT_SCRIPT } from "./page_format.ts";
import { HISTORY_SCRIPT } from "./page_history.ts";
import { LISTS_SCRIPT } from "./page_lists.ts";
import { LOG_SCRIPT } from "./page_log.ts";
import { ORDER_SCRIPT } from "./page_order.ts";
import { READING_SCRIPT } from "./page_reading.ts";
import { ROWS_SCRIPT } from "./page_rows.ts";
import { SNAPSHOTS_SCRIPT } from "./page_snapshots.ts";
import { TABLES_SCRIPT } from "./page_tables.ts";
import { TILES_SCRIPT } from "./page_tiles.ts";
import { VIEW_SCRIPT } from "./page_view.ts";

const BASICS_SCRIPT = `
const byId = (id) => document.getElementById(id);
let last = null;
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
/** A sentence in which commands stand between backticks. */
function setProse(element, text) {
  if (element.dataset.text === text) return;
  element.dataset.text = text;
  element.replaceChildren();
  text.split("\\x60").forEach((part, i) => setText(make(i % 2 ? "code" : "span", "", element), part));
}
function worst(streams, valueOf, better) {
  return streams.filter((stream) => !isNothing(valueOf(stream)))
    .reduce((a, b) => a === null || better(valueOf(b), valueOf(a)) ? b : a, null);
}
`;

const MAIN_SCRIPT = `
/** The worst that there is, in a word, where it is seen without looking at the page. */
function showStatus(status) {
  const [first] = status.causes;
  const count = (severity) => status.causes.filter((cause) => cause.severity === severity).length;
  const [critical, warnings] = [count("critical"), count("warning")];
  const pill = critical ? ["bad", plural(critical, "problem", "problems")]
    : warnings ? ["warn", plural(warnings, "warning", "warnings")]
    : STATES[status.status] || ["", status.status];
  showPill(byId("status"), pill);
  const { pipeline, version, name, startedAt } = status.instance;
  setText(byId("pipeline"), pipeline);
  document.title = (first && pill[0] !== "good" ? first.text + " - " : status.status === "healthy" ? "" : status.status + ": ") +
    "tributary " + pipeline;
  showIcon(pill[0]);
  setText(byId("about"), "tributary " + version + ", instance " + name +
    ", up for " + duration(secondsBetween(startedAt, status.at)));
}
function showIcon(tone) {
  const color = { good: "#0d6e66", warn: "#d98a1b", bad: "#c62828" }[tone] || "#7d8a86";
  const icon = document.querySelector("link[rel=icon]");
  if (icon.dataset.color === color) return;
  icon.dataset.color = color;
  icon.href = "data:image/svg+xml," + encodeURIComponent(
    "<svg xmlns='" + SVG + "' viewBox='0 0 16 16'><circle cx='8' cy='8' r='7' fill='" + color + "'/></svg>");
}

function show(status) {
  const isFirst = last === null;
  last = status;
  limits = status.limits;
  document.body.classList.toggle("readonly", !last.canControl);
  showStatus(last);
  showCauses(last);
  showTiles(last);
  showView();
  showStreams(last);
  showServices(last);
  showInstances(last);
  showStages(last);
  showReading(last);
  showSnapshots(last);
  showTables(last);
  showErrorCount(last);
  announce(last);
  if (!isFirst) return;
  askSoon(0);
  askLog();
}
/** What a screen reader says when it changes. */
function announce(status) {
  const explained = new Set(status.causes.flatMap((cause) => cause.streams));
  const bad = status.streams.filter((s) => s.error !== null && !explained.has(s.key) && !explained.has(s.name)).map((s) => s.name);
  setText(byId("announcement"), ["Status " + status.status + ".", ...status.causes.map((cause) => cause.text),
    bad.length ? "Streams with errors: " + bad.slice(0, 5).join(", ") + "." : "", notice].filter((part) => part).join(" "));
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
    notice = response.ok ? "Done: " + action + " " + name + "." : (await response.text()).trim();
    showNotice(response.ok ? "" : notice);
  } catch {
    showNotice("The order did not arrive: the connection is lost.");
  } finally {
    row.pause.disabled = false;
    if (last !== null) announce(last);
  }
}
`;

/** The page's program: takes each status as it comes, and changes what differs. Plain JavaScript for browsers. */
export const PAGE_SCRIPT: string = [
  `"use strict";`,
  BASICS_SCRIPT,
  FORMAT_SCRIPT,
  ORDER_SCRIPT,
  CHART_SCRIPT,
  HISTORY_SCRIPT,
  ROWS_SCRIPT,
  CAUSES_SCRIPT,
  LISTS_SCRIPT,
  LOG_SCRIPT,
  READING_SCRIPT,
  SNAPSHOTS_SCRIPT,
  TABLES_SCRIPT,
  VIEW_SCRIPT,
  TILES_SCRIPT,
  MAIN_SCRIPT,
  CONNECT_SCRIPT,
].join("");
