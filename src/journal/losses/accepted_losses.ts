import { PermanentError } from "../../model/errors.ts";
import type { Losses } from "../../model/losses.ts";
import { listAll } from "../../support/flow/list_all.ts";
import { oneOf, openObjectOf, text, wholeNumber } from "../../support/json_shape.ts";
import { ACCEPTED_FOLDER, acceptedFolder, acceptedKey } from "../journal_keys.ts";
import { type JournalStore, JSON_CONTENT } from "../object_journal.ts";
import { decodeFile, encodeFile, type FileForm } from "../codec/versioned_json.ts";

/** The version of acceptances that this program writes, and the last one that it reads. */
export const ACCEPTED_VERSION = 1;

/**
 * That a person knows of a loss and has done what there was to do. It lies in the lake beside the journal, is written
 * once, and changes nothing in it: the record stays, and stays named.
 */
export interface AcceptedLoss extends Losses {
  readonly v: typeof ACCEPTED_VERSION;
  /** The stream's key. */
  readonly stream: string;
  /** The record that says what is lost, and its id: a number can be taken by another record in a copy of the lake. */
  readonly seq: number;
  readonly record: string;
  readonly reason: string;
  /** The machine, or whoever the person said they are. */
  readonly acceptedBy: string;
  /** Wall clock, ISO 8601. */
  readonly acceptedAt: string;
}

/**
 * Stores the acceptance unless there is one of this record; the answer is the one that counts.
 *
 * @throws {PermanentError} if the one there cannot be read, or is of another record with the same number.
 */
export async function putAccepted(
  store: Pick<JournalStore, "putIfAbsent" | "get">,
  accepted: AcceptedLoss,
): Promise<AcceptedLoss> {
  const { stream, seq } = accepted;
  const key = acceptedKey(stream, seq);
  const bytes = encodeFile(ACCEPTED_FILE, accepted);
  if (await store.putIfAbsent(key, bytes, JSON_CONTENT) === "created") return accepted;
  const earlier = await readAccepted(store, stream, seq);
  if (earlier?.record === accepted.record) return earlier;
  throw new PermanentError(
    `Cannot accept record ${seq} of ${stream}: "${key}" accepts another record with that number, as a copy ` +
      "of the lake may have; move that file away and try again",
  );
}

/** @throws {PermanentError} if it is damaged or of a later version. */
export async function readAccepted(
  store: Pick<JournalStore, "get">,
  streamKey: string,
  seq: number,
): Promise<AcceptedLoss | undefined> {
  const key = acceptedKey(streamKey, seq);
  const bytes = await store.get(key);
  return bytes === undefined ? undefined : decodeFile(ACCEPTED_FILE, bytes, key);
}

/** The numbers of the records of a stream that have an acceptance, in order. */
export async function listAccepted(
  store: Pick<JournalStore, "list">,
  streamKey: string,
): Promise<number[]> {
  const folder = acceptedFolder(streamKey);
  const keys = await listAll(store, folder);
  const names = keys.map((key) => /^(\d{16})\.json$/.exec(key.slice(folder.length))?.[1]);
  return names.flatMap((name) => name === undefined ? [] : [Number(name)]);
}

/** The keys of the streams of which anything was accepted. */
export function acceptedStreams(store: Pick<JournalStore, "listFolders">): Promise<string[]> {
  return store.listFolders(ACCEPTED_FOLDER);
}

const NOT_EMPTY = text(/^./s, "a text that is not empty");
const COUNT = wholeNumber(0);

const ACCEPTED_FILE: FileForm<AcceptedLoss> = {
  what: "the acceptance",
  versions: [ACCEPTED_VERSION],
  shape: openObjectOf<AcceptedLoss>({
    v: oneOf(ACCEPTED_VERSION),
    stream: NOT_EMPTY,
    seq: COUNT,
    record: NOT_EMPTY,
    gaps: COUNT,
    voidedObjects: COUNT,
    deadLetters: COUNT,
    reason: NOT_EMPTY,
    acceptedBy: NOT_EMPTY,
    acceptedAt: text(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, "an ISO 8601 time in UTC"),
  }),
};
