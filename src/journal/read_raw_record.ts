import { errorMessage } from "../model/errors.ts";
import type { JournalRecord } from "../model/record.ts";
import { recordKey } from "./journal_keys.ts";
import { decodeRecord } from "./codec/record_codec.ts";

/** A record and the bytes it lies in; `missing`, or why it cannot be understood. */
export type RawRecord =
  | { readonly record: JournalRecord; readonly bytes: Uint8Array }
  | { readonly fault: string }
  | "missing";

/** Reads a record for somebody who goes on when it is damaged. Errors of the store pass through. */
export async function readRawRecord(
  store: { get(key: string): Promise<Uint8Array | undefined> },
  streamKey: string,
  seq: number,
): Promise<RawRecord> {
  const key = recordKey(streamKey, seq);
  const bytes = await store.get(key);
  if (bytes === undefined) return "missing";
  try {
    return { record: decodeRecord(bytes, key), bytes };
  } catch (error) {
    return { fault: errorMessage(error) };
  }
}

/** The record, where there is one and it can be understood. */
export function recordOf(read: RawRecord): JournalRecord | undefined {
  return read === "missing" || "fault" in read ? undefined : read.record;
}
