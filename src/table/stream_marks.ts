/**
 * How far a table has come in one journal: the seq of a record, and what tells that record from another one with the same
 * seq. A journal that has lost its end gives a seq a second time.
 */
export interface StreamMark {
  readonly seq: number;
  readonly record: number;
}

/** Digits of a record's id that a number holds exactly. */
const ID_DIGITS = 13;

export function recordMark(recordId: string): number {
  return parseInt(recordId.replaceAll("-", "").slice(0, ID_DIGITS), 16);
}

/** The name under which a table keeps its place in a journal. */
export function appIdOf(streamKey: string, lake: string): string {
  return `${streamKey}@${lake}`;
}
