import { PermanentError } from "../model/errors.ts";
import { type SnapshotEnd, type SnapshotIntent, snapshotKey } from "../model/snapshot.ts";
import { mayLeaveOut } from "../model/snapshot_share.ts";
import { isWider, type Stream, streamKey, streamName, targetKey } from "../model/stream.ts";
import { nameOfKey, parseTarget } from "../model/stream_choice.ts";
import { findOverlappingJournals } from "../pipeline/layout/journal_ends.ts";
import { streamsOfRetired } from "../pipeline/layout/retired.ts";
import type { Journal, Layouts } from "../pipeline/ports.ts";
import { progressOf, type SnapshotProgress } from "../pipeline/snapshot/snapshot_progress.ts";
import type { SnapshotFiles, SnapshotFound } from "../pipeline/snapshots.ts";
import { type Clock, isoTime } from "../support/clock.ts";
import { mapLimited } from "../support/flow/limited.ts";

/** Snapshots that are looked at side by side. */
const LOOKS_IN_FLIGHT_MAX = 4;

/** Files that are read side by side. */
const ENDS_IN_FLIGHT_MAX = 16;

/** A snapshot as the lake tells of it. */
export interface SnapshotReport {
  readonly id: string;
  /** Of what. */
  readonly name: string;
  /** Of the stream that it goes with: while that is paused, it waits as well. */
  readonly streamKey: string | null;
  readonly reason: SnapshotIntent["reason"] | null;
  /** `due`: nobody has begun. `cancelling`: its ranges are being closed. */
  readonly state: "due" | "running" | "complete" | "cancelling" | "cancelled";
  /** The filter, in extended JSON. */
  readonly where: string | null;
  /** Whether documents may be left out, by the filter or by stages. */
  readonly isFiltered: boolean;
  readonly dueSince: string | null;
  readonly endedAt: string | null;
  readonly documentsRead: number;
  readonly bytesStored: number;
  /** About so many were there, with those that do not fit a filter; null while nobody has begun. */
  readonly documentsExpected: number | null;
  /** Null where nothing was read lately. */
  readonly documentsPerSecond: number | null;
  readonly ranges: { readonly closed: number; readonly of: number };
  /** Its stream was retired, and there is none that goes on with it: nobody reads the rest. */
  readonly isLeft?: true;
}

interface LakeParts {
  readonly files: SnapshotFiles;
  readonly journal: Journal;
  /** Left out where nobody asks whether streams were retired. */
  readonly layouts?: Layouts;
  readonly clock: Clock;
}

/** All snapshots of a lake by id, or those of what `word` names: a target, a snapshot's id, or its name. */
export async function readSnapshots(parts: LakeParts, word?: string): Promise<SnapshotReport[]> {
  const found = await chosen(parts.files, word);
  return await mapLimited(found, LOOKS_IN_FLIGHT_MAX, ([id, facts]) => reportOf(parts, id, facts));
}

/** The ids of those that are not at their end. */
export async function unfinishedSnapshots(
  files: Pick<SnapshotFiles, "find">,
  word: string,
): Promise<string[]> {
  const open = (await chosen(files, word)).filter(([, { hasEnd }]) => !hasEnd);
  if (open.length > 0) return open.map(([id]) => id);
  throw new PermanentError(
    `There is no snapshot of ${word} under way; \`tributary snapshot status\` lists all`,
  );
}

/** Lets nothing more be read of them; answers their ids. */
export async function cancelSnapshots(
  { files, clock }: Pick<LakeParts, "files" | "clock">,
  word: string,
): Promise<string[]> {
  const ids = await unfinishedSnapshots(files, word);
  for (const id of ids) await files.putCancel({ v: 1, id, writtenAt: isoTime(clock.wallMs()) });
  return ids;
}

/** What the ends of all snapshots say that are at theirs. */
export async function endsOfAll(
  files: Pick<SnapshotFiles, "find" | "readEnd">,
): Promise<SnapshotEnd[]> {
  const ended = [...await files.find()].filter(([, { hasEnd }]) => hasEnd);
  const ends = await mapLimited(ended, ENDS_IN_FLIGHT_MAX, ([id]) => files.readEnd(id));
  return ends.flatMap((end) => end ?? []);
}

async function chosen(
  files: Pick<SnapshotFiles, "find">,
  word: string | undefined,
): Promise<[string, SnapshotFound][]> {
  const all = [...await files.find()].sort(([a], [b]) => a < b ? -1 : 1);
  if (word === undefined) return all;
  const target = parseTarget(word);
  const prefix = target === undefined ? undefined : `${targetKey(target)}.`;
  return all.filter(([id]) =>
    id === word || nameOfKey(snapshotKey(id)) === word ||
    prefix !== undefined && id.startsWith(prefix) && !id.slice(prefix.length).includes(".")
  );
}

async function isLeft({ journal, layouts }: LakeParts, stream: Stream): Promise<boolean> {
  if (layouts === undefined) return false;
  if (await streamsOfRetired(journal, layouts, stream) === undefined) return false;
  const others = await findOverlappingJournals(journal, stream);
  return !others.some((each) => isWider(each.stream, stream) && each.last.kind !== "closed");
}

async function reportOf(
  parts: LakeParts,
  id: string,
  { hasPlan, hasEnd, isCancelled }: SnapshotFound,
): Promise<SnapshotReport> {
  const { files, journal, clock } = parts;
  const [intent, plan, end] = await Promise.all([
    files.readIntent(id),
    hasPlan ? files.readPlan(id) : undefined,
    hasEnd ? files.readEnd(id) : undefined,
  ]);
  const nothing: SnapshotProgress = { open: [], isCut: false, documentsRead: 0, bytesStored: 0 };
  const progress = plan === undefined ? nothing : await progressOf(journal, plan, clock.wallMs());
  const { documentsRead, bytesStored, documentsPerSecond = null } = progress;
  const of = plan?.ranges.length ?? 0;
  const about = plan ?? intent;
  const state = end !== undefined
    ? end.outcome ?? "complete"
    : isCancelled
    ? "cancelling"
    : plan === undefined
    ? "due"
    : "running";
  return {
    id,
    name: about === undefined ? id : targetName(about.target ?? about.stream),
    streamKey: about === undefined ? null : streamKey(about.stream),
    reason: intent?.reason ?? null,
    ...{ state, where: about?.where ?? null },
    isFiltered: plan === undefined ? intent?.where !== undefined : mayLeaveOut(plan),
    dueSince: intent?.writtenAt ?? null,
    endedAt: end?.writtenAt ?? null,
    ...{ documentsRead, bytesStored, documentsExpected: plan?.documents ?? null },
    documentsPerSecond: end === undefined ? documentsPerSecond : null,
    ranges: { closed: of - progress.open.length, of },
    ...(end === undefined && about !== undefined && await isLeft(parts, about.stream)
      ? { isLeft: true }
      : {}),
  };
}

function targetName(target: Stream): string {
  return streamName(target).replace(/^collection:/, "");
}
