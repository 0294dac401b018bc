import { describeClusterTime } from "../../model/cluster_time.ts";
import { formatSeconds } from "../../support/units.ts";
import { cutMiddle, fitWidths, wrapText } from "./fit_text.ts";
import type { Cause } from "../../observe/status/cause_facts.ts";
import { readerText, readingLines } from "./reading_text.ts";
import type { InstanceRow, StatusView, StreamRow } from "./status_view.ts";
import { tablesLines } from "./tables/tables_lines.ts";
import { textTable } from "./text_table.ts";
import { textWidth } from "./text_width.ts";

export interface TextForm {
  /** With everything that is known, however long the lines get. */
  readonly isWide: boolean;
  /** Of the terminal; undefined where nothing is to be cut or broken. */
  readonly columns: number | undefined;
}

/** Names are not cut shorter than this. */
const NAME_WIDTH_MIN = 16;

/** A longer verdict is said in two lines. */
const VERDICT_CHARS_MAX = 120;

/** The verdict, the streams, the instances. */
export function statusText(view: StatusView, { isWide, columns }: TextForm): string {
  const { instances, streams } = view;
  const width = isWide ? undefined : columns;
  const tables = [
    streams.length === 0 ? "" : isWide ? wideStreams(streams) : narrowStreams(streams, width),
    instances.length === 0 ? "" : instanceTable(view, isWide, width),
    readingLines(view).map((line) => said(line, columns)).join(""),
    tablesLines(view.tables ?? []).map((line) => said(line, columns)).join(""),
    isWide ? troubles(streams) : "",
  ];
  return [verdict(view, columns), ...tables].filter((text) => text !== "").join("\n");
}

/** In one line whether all is well, or what is the worst; then what to do, and what else is wrong. */
function verdict({ at, causes, instances, ...view }: StatusView, columns?: number): string {
  const streams = view.streams.filter(({ condition }) => condition !== "closed");
  const [worst, ...others] = causes.filter(({ severity }) => severity !== "info");
  const notes = causes.filter(({ severity }) => severity === "info").map(({ text, since }) =>
    since === null ? text : text.replace(/\.$/, ` since ${timeText(since, at)}.`)
  );
  const say = (text: string, indent: string) => said(text, columns, indent);
  if (worst === undefined) return say([allWell(streams, instances), ...notes].join(" "), "");
  const held = new Set([worst, ...others].flatMap((cause) => cause.streams)).size;
  const since = worst.since === null ? "" : ` since ${timeText(worst.since, at)}`;
  const whom = heldOf(held, streams.length, instances.length > 0);
  const subject = held > 0 ? `${whom} held up${since}: ` : since && `S${since.slice(2)}: `;
  return [
    ...headline(subject, worst).map((line) => say(line, "  ")),
    say(`Next: ${worst.next}`, "  "),
    ...others.flatMap(({ text, next }) => [say(`Also: ${text} ${next}`, "  ")]),
    ...notes.map((text) => say(`Also: ${text}`, "  ")),
  ].join("");
}

/** A line of words, in as many lines as it needs. */
function said(text: string, columns: number | undefined, indent = "  "): string {
  return (columns === undefined ? text : wrapText(text, columns, indent)) + "\n";
}

/** Where no instance runs, nobody can say which streams there are to be: what has saved nothing is not seen. */
function heldOf(held: number, streams: number, isAnybodyThere: boolean): string {
  const verb = held === 1 ? "is" : "are";
  if (isAnybodyThere) return `${held} of ${streams} streams ${verb}`;
  return `${held} ${held === 1 ? "stream" : "streams"} with saved progress ${verb}`;
}

/** A reason that makes the line too long gets one of its own. */
function headline(subject: string, { text, reason }: Cause): string[] {
  const end = reason === undefined ? "" : `: ${reason}.`;
  if (end === "" || subject.length + text.length <= VERDICT_CHARS_MAX || !text.endsWith(end)) {
    return [subject + text];
  }
  return [`${subject}${text.slice(0, -end.length)}.`, `Why: ${reason}.`];
}

function allWell(streams: readonly StreamRow[], instances: readonly InstanceRow[]): string {
  if (streams.length === 0) {
    return instances.length === 0
      ? "No instance is running, and no stream is known."
      : "No stream is known yet.";
  }
  const wanted = streams.filter(({ condition }) => condition !== "paused");
  if (wanted.length === 0) return "No stream is read.";
  const read = wanted.filter(({ condition }) => condition === "running");
  const opening = wanted.length - read.length;
  if (read.length === 0) {
    return `${namedOrCounted(wanted)} being opened, and nothing is read yet.`;
  }
  const lags = read.flatMap(({ lakeLagSeconds }) =>
    lakeLagSeconds === null ? [] : [lakeLagSeconds]
  );
  const who = read.length === 1 || read.length < streams.length
    ? namedOrCounted(read, streams.length)
    : `All ${read.length} streams are`;
  const rest = opening === 0 ? "" : ` ${opening} ${opening === 1 ? "is" : "are"} being opened.`;
  return lags.length === 0
    ? `${who} read.${rest}`
    : `${who} read and in the lake, ${formatSeconds(Math.max(...lags) * 1000)} behind.${rest}`;
}

function namedOrCounted(some: readonly StreamRow[], all = some.length): string {
  if (some.length === 1) return `${some[0]!.name} is`;
  return all === some.length ? `${all} streams are` : `${some.length} of ${all} streams are`;
}

/** Of today the time, else with the date; UTC. */
function timeText(iso: string, now: string): string {
  const text = iso.replace(/\.\d+Z$/, "Z");
  return text.slice(0, 10) === now.slice(0, 10) ? text.slice(11) : text;
}

function narrowStreams(streams: readonly StreamRow[], columns: number | undefined): string {
  const head = ["STREAM", "STATE", "IN LAKE", "OPLOG LEFT", "INSTANCE"];
  const rows = streams.map((each) => [
    each.name,
    stateOf(each),
    age(each.lakeLagSeconds),
    age(each.oplogHeadroomSeconds),
    each.instance ?? "-",
  ]);
  return fittedTable([head, ...rows], [2, 3], columns, [[4, NAME_WIDTH_MIN], [0, NAME_WIDTH_MIN]]);
}

function wideStreams(streams: readonly StreamRow[]): string {
  const isTold = streams.some(({ reader }) => reader !== undefined);
  const head = [
    ...["STREAM", "STATE", "IN LAKE", "OPLOG LEFT", "INSTANCE", "READ", "POSITION"],
    ...["GENERATION", "LEASE", "EVENTS", "DEAD LETTERS"],
    ...(isTold ? ["READER"] : []),
  ];
  const rows = streams.map((each) => [
    each.name,
    stateOf(each),
    age(each.lakeLagSeconds),
    age(each.oplogHeadroomSeconds),
    each.instance ?? "-",
    age(each.lagSeconds),
    each.position === null ? "-" : placeOf(each.position),
    each.generation === null ? "-" : String(each.generation),
    each.leaseMsLeft === null ? "-" : formatSeconds(each.leaseMsLeft),
    each.events.toLocaleString("en-US"),
    each.deadLetters.toLocaleString("en-US"),
    ...(isTold ? [readerText(each.reader)] : []),
  ]);
  return textTable([head, ...rows], [2, 3, 5, 7, 8, 9, 10]);
}

function instanceTable(
  { at, instances }: StatusView,
  isWide: boolean,
  columns: number | undefined,
): string {
  const head = ["INSTANCE", "STATE", "STREAMS", "VERSION", "UP"];
  const rows = instances.map((each) => [
    each.name,
    instanceState(each, at),
    String(each.streams),
    each.version,
    each.since === null ? "-" : formatSeconds(Date.parse(at) - Date.parse(each.since)),
    ...(isWide ? [each.since ?? "-", each.address ?? "-", each.id] : []),
  ]);
  const wideHead = isWide ? [...head, "SINCE", "HTTP", "OWNER"] : head;
  const waiting = instances.flatMap(({ name, waits }) => {
    if (waits === null) return [];
    return [said(`${name}: ${waits}`, columns)];
  });
  const table = fittedTable([wideHead, ...rows], [2, 4], columns, [[0, NAME_WIDTH_MIN]]);
  return waiting.length === 0 ? table : `${table}\n${waiting.join("")}`;
}

function instanceState({ state, failed, silentSince }: InstanceRow, at: string): string {
  if (silentSince !== undefined) {
    return `silent for ${formatSeconds(Date.parse(at) - Date.parse(silentSince))}`;
  }
  return failed > 0 && state !== "failed" ? `${failed} failed` : state;
}

/** A line for each stream that says what is wrong with it. */
function troubles(streams: readonly StreamRow[]): string {
  return streams.flatMap(({ name, instance, condition, error }) => {
    if (error === null) return [];
    const where = instance === null ? "" : ` on ${instance}`;
    return [`${name}${where}, ${condition} since ${error.since}: ${error.message}\n`];
  }).join("");
}

/** As `textTable`, with the cells of some columns cut where a line would not fit. */
function fittedTable(
  rows: readonly (readonly string[])[],
  rightColumns: readonly number[],
  columns: number | undefined,
  shrinking: readonly (readonly [column: number, least: number])[],
): string {
  if (columns === undefined) return textTable(rows, rightColumns);
  const natural = rows[0]!.map((_, i) => Math.max(...rows.map((cells) => textWidth(cells[i]!))));
  const widths = fitWidths(natural, columns, shrinking);
  const cut = rows.map((cells) => cells.map((cell, i) => cutMiddle(cell, widths[i]!)));
  return textTable(cut, rightColumns);
}

/** What another instance has and says nothing of is held there; no state of its own. */
function stateOf({ condition }: StreamRow): string {
  return condition === "elsewhere" ? "held" : condition;
}

function age(seconds: number | null): string {
  return seconds === null ? "-" : formatSeconds(seconds * 1000);
}

/** `2026-11-20T17:00:00Z (1795194000.1)` of `1795194000.1`. */
function placeOf(position: string): string {
  const [t = 0, i = 0] = position.split(".").map(Number);
  return describeClusterTime({ t, i });
}
