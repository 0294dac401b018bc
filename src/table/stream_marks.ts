import type { Txn } from "./delta/actions.ts";

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

const RECORD = "#record";

/** Both numbers are `txn`s, for these alone every reader and checkpoint keeps for ever. */
export function txnsOf(appId: string, { seq, record }: StreamMark): readonly Txn[] {
  return [{ appId, version: seq }, { appId: appId + RECORD, version: record }];
}

/** The place of a stream among all `txn`s of a table. */
export function markIn(
  txns: ReadonlyMap<string, number>,
  appId: string,
): StreamMark | undefined {
  const seq = txns.get(appId);
  if (seq === undefined) return undefined;
  return { seq, record: txns.get(appId + RECORD) ?? -1 };
}
