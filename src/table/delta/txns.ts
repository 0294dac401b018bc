import type { StreamMark } from "../stream_marks.ts";
import type { Txn } from "./actions.ts";

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
