import { type ObjectNameParts, readObjectName } from "../../model/keys/object_name.ts";
import type { HeldFile, TableFile } from "../table_log.ts";
import { idOfOutput } from "./compaction_record.ts";
import type { ContainedFile } from "./compactable_log.ts";

/** What an output has at most, of inputs that are no larger than a quarter of it. */
const OUTPUT_BYTES_MAX = 128 * 1024 ** 2;
const INPUT_BYTES_MAX = 32 * 1024 ** 2;

/** Each input brings a row group of its own, and a footer of so many has about a megabyte. */
const INPUTS_MAX = 500;

/** What comes late to an hour comes mostly within the next one. */
const LATE_MS = 3_600_000;

/** Objects that are to become one, in the order of their rows. */
export interface PlannedCompaction {
  readonly inputs: readonly HeldFile[];
  readonly bounds: NonNullable<TableFile["bounds"]>;
}

/** A file that can be joined with others, if the journal of its stream says that its record is settled. */
export interface Candidate {
  readonly file: ContainedFile & { readonly bounds: NonNullable<TableFile["bounds"]> };
  readonly name: ObjectNameParts;
}

/** Whether an hour or a day is over, and nothing of it comes any more. */
export function isOver({ toMs }: NonNullable<TableFile["bounds"]>, nowMs: number): boolean {
  return toMs + LATE_MS <= nowMs;
}

/** The small objects of journals, of hours or days that are over. */
export function candidatesIn(files: readonly ContainedFile[], nowMs: number): Candidate[] {
  return files.flatMap((file) => {
    const { path, bytes, bounds } = file;
    if (bounds === undefined || !isOver(bounds, nowMs)) return [];
    if (bytes > INPUT_BYTES_MAX || idOfOutput(path) !== undefined) return [];
    const name = readObjectName(path);
    return name === undefined || name.isRedriven ? [] : [{ file: { ...file, bounds }, name }];
  });
}

/**
 * What is to become one object: of one hour or day each. `throughOf`: up to which record a stream's journal says that all of its
 * objects are there. What comes behind may still be made again with other bytes, or become void, so it stays as it is.
 */
export function planCompactions(
  candidates: readonly Candidate[],
  throughOf: (streamKey: string) => number,
): PlannedCompaction[] {
  const byTime = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const { file: { bounds }, name } = candidate;
    if (name.seq > throughOf(name.streamKey)) continue;
    const time = `${bounds.fromMs}-${bounds.toMs}`;
    const same = byTime.get(time);
    if (same === undefined) byTime.set(time, [candidate]);
    else same.push(candidate);
  }
  return [...byTime.values()].flatMap(cut);
}

/** Whoever plans with the same files plans the same. */
function cut(candidates: readonly Candidate[]): PlannedCompaction[] {
  const { bounds } = candidates[0]!.file;
  const plans: HeldFile[][] = [[]];
  let bytes = 0;
  for (const { file } of candidates.toSorted(byName)) {
    const last = plans.at(-1)!;
    if (last.length >= INPUTS_MAX || bytes + file.bytes > OUTPUT_BYTES_MAX) {
      plans.push([]);
      bytes = 0;
    }
    bytes += file.bytes;
    plans.at(-1)!.push({ path: file.path, bytes: file.bytes, rows: file.rows });
  }
  return plans.filter(({ length }) => length > 1).map((inputs) => ({ inputs, bounds }));
}

function byName({ name: a, file: { path: pathA } }: Candidate, b: Candidate): number {
  return compare(a.streamKey, b.name.streamKey) || a.seq - b.name.seq ||
    a.index - b.name.index || compare(pathA, b.file.path);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
