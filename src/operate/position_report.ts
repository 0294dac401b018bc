import type { Position } from "../model/position.ts";
import { streamName, targetKey } from "../model/stream.ts";
import { nameOfKey, parseTarget } from "../model/stream_choice.ts";
import { findJournals, type JournalEnds } from "../pipeline/layout/journal_ends.ts";
import { mapLimited } from "../support/flow/limited.ts";
import type { Journal } from "../pipeline/ports.ts";
import type { Sink } from "../pipeline/sink.ts";
import { storedThrough } from "./stored_through.ts";

/** Journals looked at side by side. */
const LOOKS_IN_FLIGHT_MAX = 16;

/** Where one stream stands, as far as its journal tells. */
export interface PositionReport {
  readonly stream: string;
  readonly key: string;
  /**
   * `open`: it goes on there. `closed`: it has ended there. `fixed`: it will begin there. `lost`: the first record of its
   * journal is gone.
   */
  readonly state: "open" | "closed" | "fixed" | "lost";
  /** Absent where it is lost. */
  readonly position?: Position;
  /** Of the last record; absent without a journal. */
  readonly record?: {
    readonly seq: number;
    readonly kind: string;
    /** The objects of all records up to this one were there when it was written. */
    readonly durableThrough: number;
    /** The objects of all records up to this one are there now. */
    readonly storedThrough: number;
    readonly owner: string;
    readonly writtenAt: string;
  };
}

/** All streams that have a journal, or those that `word` names; of a target without one, its start if it is fixed. */
export async function readPositions(
  journal: Journal,
  sink: Pick<Sink, "look">,
  word?: string,
): Promise<PositionReport[]> {
  const { journals, lost } = await findJournals(journal, word);
  const reports = [
    ...await mapLimited(journals, LOOKS_IN_FLIGHT_MAX, async (ends) => {
      return reportOf(ends, await storedThrough(journal, sink, ends.key, ends.last));
    }),
    ...lost.map((key) => ({ stream: nameOfKey(key), key, state: "lost" as const })),
  ];
  const target = word === undefined || reports.length > 0 ? undefined : parseTarget(word);
  if (target !== undefined) {
    const position = await journal.readStart(targetKey(target));
    if (position === undefined) return [];
    return [{ stream: streamName(target), key: targetKey(target), state: "fixed", position }];
  }
  return reports.sort((a, b) => a.key < b.key ? -1 : 1);
}

function reportOf({ stream, key, last }: JournalEnds, storedThrough: number): PositionReport {
  const { seq, kind, durableThrough, owner, writtenAt } = last;
  return {
    stream: streamName(stream),
    key,
    state: kind === "closed" ? "closed" : "open",
    position: last.to,
    record: { seq, kind, durableThrough, storedThrough, owner, writtenAt },
  };
}
