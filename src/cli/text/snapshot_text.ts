import { secondsLeft, shareRead } from "../../model/snapshot_share.ts";
import { formatSeconds } from "../../support/units.ts";
import type { LakeSnapshot } from "../with_app.ts";
import { textTable } from "./text_table.ts";

/** As the lake tells of it, and whether it is told to wait. */
export interface ShownSnapshot extends Omit<LakeSnapshot, "state"> {
  readonly state: LakeSnapshot["state"] | "paused";
}

/** A line for each, and what is to be known beside it. */
export function snapshotsText(snapshots: readonly ShownSnapshot[]): string {
  const head = ["SNAPSHOT", "STATE", "READ", "DOCUMENTS", "OF ABOUT", "STORED", "A SECOND", "LEFT"];
  const rows = snapshots.map((each) => {
    const measure = measureOf(each);
    const share = shareRead(measure);
    const left = secondsLeft(measure);
    return [
      `${each.name} ${kindOf(each.id)}`,
      each.state,
      share === null ? "-" : `${Math.floor(share * 100)}%`,
      count(each.documentsRead),
      each.documentsExpected === null ? "-" : count(each.documentsExpected),
      sizeText(each.bytesStored),
      each.documentsPerSecond === null ? "-" : count(Math.round(each.documentsPerSecond)),
      left === null ? "-" : formatSeconds(left * 1000),
    ];
  });
  return textTable([head, ...rows], [2, 3, 4, 5, 6, 7]) + snapshots.map(notes).join("");
}

/** With what can be told from the rest. */
export function snapshotJson(snapshot: ShownSnapshot) {
  const measure = measureOf(snapshot);
  return { ...snapshot, share: shareRead(measure), secondsLeft: secondsLeft(measure) };
}

function measureOf(snapshot: ShownSnapshot) {
  return { ...snapshot, isOver: snapshot.state !== "running" };
}

/** `initial` or `asked-2`: the id without its target. */
function kindOf(id: string): string {
  return id.slice(id.lastIndexOf(".") + 1);
}

function notes({ id, name, where, isLeft }: ShownSnapshot): string {
  const filter = where === null
    ? ""
    : `${name} ${kindOf(id)} has only documents that fit ${where}\n`;
  const left = isLeft === undefined
    ? ""
    : `${name} ${
      kindOf(id)
    } is read by nobody: its stream was retired. A wider stream that begins ` +
      "reads the rest; where narrower ones have followed, `tributary snapshot start` with each " +
      "collection reads all of it\n";
  return filter + left;
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** `1.2 GiB`, for people. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}
