import { TransientError } from "../model/errors.ts";
import { firstOf, type LeftSteps } from "./left_steps.ts";
import type { StreamMark } from "./stream_marks.ts";
import type { CommitOutcome, KnownTable, StreamSteps } from "./table_log.ts";

/** What one commit adds is held in memory, and in Delta Lake as text, by us and by readers. */
const FILES_A_COMMIT_MAX = 2000;

/** Each time somebody else was faster; then the lake goes on, and the next turn tries again. */
export const CONFLICTS_MAX = 100;

/** Answers that are lost one after the other: whoever gives them needs a rest. */
export const UNKNOWN_MAX = 3;

/** A table of one format, changed by whoever is first. `T`: what a writer knows of it. */
export interface ContestedTable<T extends object> {
  readonly folder: string;
  readonly left: Pick<LeftSteps, "behind">;
  knownOf(state: T): KnownTable;
  markOf(state: T, appId: string): StreamMark | undefined;
  /** Undefined where there is none. */
  load(): Promise<T | undefined>;
  /** Makes the table, or changes it; of an answer that was lost the next look tells. */
  change(before: T | undefined, streams: readonly StreamSteps[]): Promise<Changed<T>>;
}

export type Changed<T extends object> = T | "conflict" | "unknown";

/** Commits what a table does not have yet, and after each conflict what it does not have then. `state`: to begin with. */
export async function commitSteps<T extends object>(
  table: ContestedTable<T>,
  state: T | undefined,
  streams: readonly StreamSteps[],
  known: KnownTable | undefined,
): Promise<CommitOutcome> {
  let [commits, conflicts, unknown] = [0, 0, 0];
  for (let before = state;;) {
    const now = before && table.knownOf(before);
    if (known !== undefined && !isSame(now, known)) return { outcome: "another" };
    const left = await table.left.behind(streams, (appId) => before && table.markOf(before, appId));
    if (left.length === 0 && now !== undefined) {
      return { outcome: "complete", ...now, commits, conflicts };
    }
    const after = await table.change(before, firstOf(left, FILES_A_COMMIT_MAX));
    unknown = after === "unknown" ? unknown + 1 : 0;
    if (typeof after !== "string") commits++;
    else if (unknown >= UNKNOWN_MAX) {
      throw unanswered(table.folder);
    } else if (++conflicts >= CONFLICTS_MAX) throw tooSlow(table.folder);
    before = typeof after === "string" ? await table.load() : after;
  }
}

export function tooSlow(folder: string): TransientError {
  return notWritten(folder, `others were faster ${CONFLICTS_MAX} times`);
}

export function unanswered(folder: string): TransientError {
  return notWritten(folder, `answers were lost ${UNKNOWN_MAX} times`);
}

function notWritten(folder: string, why: string): TransientError {
  return new TransientError(`Cannot write the table in "${folder}/": ${why}`);
}

function isSame(now: KnownTable | undefined, known: KnownTable): boolean {
  return now !== undefined && now.id === known.id && now.version >= known.version;
}
