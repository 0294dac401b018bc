import type { JournalRecord } from "./record.ts";

/** What a journal, or one record of it, says is missing in the lake for ever, or is in no table of it. */
export interface Losses {
  /** Gap records: events of a range were not read. */
  readonly gaps: number;
  /** Objects that can never be made any more. */
  readonly voidedObjects: number;
  /** Events in dead letters. */
  readonly deadLetters: number;
}

export const NO_LOSSES: Losses = { gaps: 0, voidedObjects: 0, deadLetters: 0 };

/** What a record says is lost. */
export function lossesOf(record: JournalRecord): Losses {
  const letters = record.kind === "batch" ? record.deadLetters : [];
  return {
    gaps: record.kind === "gap" ? 1 : 0,
    voidedObjects: record.kind === "void" ? record.objects.length : 0,
    deadLetters: letters.reduce((sum, { events }) => sum + events.length, 0),
  };
}

export function addLosses(a: Losses, b: Losses): Losses {
  return {
    gaps: a.gaps + b.gaps,
    voidedObjects: a.voidedObjects + b.voidedObjects,
    deadLetters: a.deadLetters + b.deadLetters,
  };
}

/** What is left of `a` without `b`; never less than nothing. */
export function withoutLosses(a: Losses, b: Losses): Losses {
  return {
    gaps: Math.max(0, a.gaps - b.gaps),
    voidedObjects: Math.max(0, a.voidedObjects - b.voidedObjects),
    deadLetters: Math.max(0, a.deadLetters - b.deadLetters),
  };
}

export function isLoss({ gaps, voidedObjects, deadLetters }: Losses): boolean {
  return gaps + voidedObjects + deadLetters > 0;
}
