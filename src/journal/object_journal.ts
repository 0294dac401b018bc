import { PermanentError, TransientError } from "../model/errors.ts";
import type { Position } from "../model/position.ts";
import type { JournalRecord } from "../model/record.ts";
import type { Journal, JournalSurvey, LakeStore, SeqRange } from "../pipeline/ports.ts";
import { shareRuns } from "../support/flow/coalesce_calls.ts";
import { findLast } from "./find_last.ts";
import { decodeRecord, encodeRecord } from "./codec/record_codec.ts";
import { START_FILE, START_VERSION } from "./start_file.ts";
import { decodeFile, encodeFile } from "./codec/versioned_json.ts";
import {
  recordKey,
  seqOfRecordKey,
  startKey,
  streamFolder,
  STREAMS_FOLDER,
} from "./journal_keys.ts";

/** What a journal needs of the store it lies in. */
export interface JournalStore extends Pick<LakeStore, "putIfAbsent" | "list" | "listFolders"> {
  /** The file's bytes, or undefined where there is none. */
  get(key: string): Promise<Uint8Array | undefined>;
}

/** The content type of every file of a journal. */
export const JSON_CONTENT = { contentType: "application/json" } as const;

/** The journals beside the data, in any store that can put if absent. Errors of the store pass through. */
export function createObjectJournal(store: JournalStore): Journal {
  const read = (streamKey: string, seq: number) => readRecord(store, streamKey, seq);
  // Each stream that begins asks several times, and the answer grows with their number.
  const streams = shareRuns(async () => (await store.listFolders(STREAMS_FOLDER)).sort());
  return {
    read,
    last: (streamKey, hintSeq) => findLast((seq) => read(streamKey, seq), hintSeq),
    append: (streamKey, record) => append(store, streamKey, record),
    survey: (streamKey, afterSeq) => survey(store, streamKey, afterSeq),
    async exists(streamKey) {
      // A listing, not a look at record 0: a journal that has lost its beginning is still one.
      return (await streams()).includes(streamKey);
    },
    async streams() {
      return [...await streams()];
    },
    readStart: (targetKey) => readStart(store, targetKey),
    putStart: (targetKey, position) => putStart(store, targetKey, position),
  };
}

async function readRecord(
  store: JournalStore,
  streamKey: string,
  seq: number,
): Promise<JournalRecord | undefined> {
  if (!Number.isSafeInteger(seq) || seq < 0) return undefined;
  const key = recordKey(streamKey, seq);
  const bytes = await store.get(key);
  if (bytes === undefined) return undefined;
  const record = decodeRecord(bytes, key);
  if (record.seq !== seq) {
    throw new PermanentError(`Cannot read the journal record "${key}": its seq is ${record.seq}`);
  }
  return record;
}

/** A page as S3 gives it with one request. */
const PAGE_KEYS = 1000;

async function survey(
  store: JournalStore,
  streamKey: string,
  afterSeq: number,
): Promise<JournalSurvey> {
  const missing: SeqRange[] = [];
  let last = afterSeq;
  for (;;) {
    const page = await store.list(streamFolder(streamKey), {
      limit: PAGE_KEYS,
      ...(last < 0 ? {} : { startAfter: recordKey(streamKey, last) }),
    });
    const seqs = page.map((key) => seqOfRecordKey(streamKey, key)).filter((seq) =>
      seq !== undefined
    );
    for (const seq of seqs) {
      if (seq > last + 1) missing.push({ first: last + 1, last: seq - 1 });
      last = seq;
    }
    // Tips sort behind all records.
    if (seqs.length < PAGE_KEYS) break;
  }
  return last === afterSeq ? { missing } : { lastSeq: last, missing };
}

async function append(
  store: JournalStore,
  streamKey: string,
  record: JournalRecord,
): Promise<"appended" | "exists"> {
  const key = recordKey(streamKey, record.seq);
  const outcome = await store.putIfAbsent(key, encodeRecord(record), JSON_CONTENT);
  return outcome === "created" ? "appended" : "exists";
}

async function readStart(store: JournalStore, targetKey: string): Promise<Position | undefined> {
  const key = startKey(targetKey);
  const bytes = await store.get(key);
  return bytes === undefined ? undefined : decodeFile(START_FILE, bytes, key).position;
}

async function putStart(
  store: JournalStore,
  targetKey: string,
  position: Position,
): Promise<Position> {
  const outcome = await store.putIfAbsent(
    startKey(targetKey),
    encodeFile(START_FILE, { v: START_VERSION, target: targetKey, position }),
    JSON_CONTENT,
  );
  if (outcome === "created") return position;
  const earlier = await readStart(store, targetKey);
  if (earlier !== undefined) return earlier;
  throw new TransientError(
    `Cannot fix the start of "${targetKey}": "${
      startKey(targetKey)
    }" is said to exist, but cannot be read`,
  );
}
