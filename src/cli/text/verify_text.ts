import { nameOfKey } from "../../model/stream_choice.ts";
import type { App } from "../with_app.ts";

export type LakeReport = Awaited<ReturnType<App["verify"]>>;
type StreamReport = LakeReport["streams"][number];

/** More lines of one kind nobody reads: JSON has them all. */
const LINES_MAX = 1000;

/** All that keeps a lake from being whole. */
export function countHoles({ streams, lost, orphansFound }: LakeReport): number {
  return streams.reduce((sum, each) => sum + each.holes.length, lost.length + orphansFound);
}

/** What a reader of the lake counts: also what was made of dead letters after all. */
function totalsOf(streams: readonly StreamReport[]) {
  const total = (count: (each: StreamReport) => number): number =>
    streams.reduce((sum, each) => sum + count(each), 0);
  return {
    streams: streams.length,
    objects: total(({ objects, redrivenObjects = 0 }) => objects + redrivenObjects),
    rows: total(({ rows, redriven = 0 }) => rows + redriven),
  };
}

/** A line for the stream, and one for each of its holes. */
export function streamText(report: StreamReport): string {
  const { stream, records, deadLetters, redriven, remadeUnnoted, holes } = report;
  const { accepted = [], lettersIn = [] } = report;
  const { objects, rows } = totalsOf([report]);
  const counts = [
    counted(records, "record"),
    counted(objects, "object"),
    counted(rows, "row"),
    ...(deadLetters === 0 ? [] : [counted(deadLetters, "dead letter")]),
    ...(redriven === undefined ? [] : [`${redriven} of them rows by now`]),
    ...(remadeUnnoted === 0
      ? []
      : [`${counted(remadeUnnoted, "object")} made again with other bytes, without a note`]),
  ];
  const verdict = holes.length === 0 ? "whole" : counted(holes.length, "hole");
  return lines([
    `${nameOfKey(stream)}: ${verdict}; ${counts.join(", ")}`,
    ...limited(holes.map(({ seq, what }) => `  hole in record ${seq}: ${what}`), holes.length),
    ...lettersIn.slice(0, LINES_MAX).map(({ seq, events }) =>
      `  record ${seq} has ${counted(events, "dead letter")}`
    ),
    ...accepted.slice(0, LINES_MAX).map(({ seq, what, reason, acceptedBy, acceptedAt }) =>
      `  accepted in record ${seq}: ${what}; ${reason} (${acceptedBy}, ${acceptedAt})`
    ),
  ]);
}

/** What is wrong beside the streams' own holes, and the sum of all. */
export function reportText(report: LakeReport): string {
  const { streams, lost, orphans, orphansFound } = report;
  const holes = countHoles(report);
  const accepted = streams.reduce((sum, each) => sum + (each.accepted?.length ?? 0), 0);
  const totals = totalsOf(streams);
  const counts = [
    counted(totals.streams, "stream"),
    counted(totals.objects, "object"),
    counted(totals.rows, "row"),
  ].join(", ");
  return lines([
    ...limited(
      lost.map(({ stream, what }) => `hole in ${nameOfKey(stream)}: ${what}`),
      lost.length,
    ),
    ...limited(orphans.map(({ key, what }) => `hole: ${key}: ${what}`), orphansFound),
    holes === 0
      ? `The lake is whole${accepted === 0 ? "" : " as far as it can be"}: ${counts}.`
      : `The lake has ${counted(holes, "hole")}: ${counts} as recorded.`,
    ...acceptanceHint(streams),
    ...accepted === 0
      ? []
      : [`Losses that somebody has accepted, and that count no more: ${accepted}.`],
  ]);
}

/** What to do about the first of those holes that will never be filled. */
function acceptanceHint(streams: readonly StreamReport[]): string[] {
  for (const { stream, holes } of streams) {
    const loss = holes.find(({ isLoss }) => isLoss);
    if (loss === undefined) continue;
    return [
      "What a gap or a void names is gone. When you have dealt with it, say so: `tributary verify " +
      `--accept ${loss.seq} --stream ${nameOfKey(stream)} --reason TEXT\`.`,
    ];
  }
  return [];
}

export function reportJson(report: LakeReport, destination: string): string {
  const { streams, lost, orphans, orphansFound, notes } = report;
  const named = <T extends { readonly stream: string }>({ stream, ...rest }: T) => ({
    stream: nameOfKey(stream),
    key: stream,
    ...rest,
  });
  return JSON.stringify(
    {
      destination,
      whole: countHoles(report) === 0,
      totals: totalsOf(streams),
      streams: streams.map(named),
      lost: lost.map(named),
      orphans: orphans.map(({ key, stream, seq, what }) => ({
        key,
        stream: nameOfKey(stream),
        seq,
        what,
      })),
      orphansFound,
      notes,
    },
    null,
    2,
  ) + "\n";
}

/** The first lines, and how many more there are. */
function limited(all: readonly string[], count: number): readonly string[] {
  const shown = all.slice(0, LINES_MAX);
  const more = count - shown.length;
  if (more === 0) return shown;
  return [...shown, `  and ${counted(more, "more hole")}; --json prints them`];
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join("");
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}
