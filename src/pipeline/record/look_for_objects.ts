import { TransientError } from "../../model/errors.ts";
import type { BatchRecord, DeadLetterEntry, ObjectEntry, RemadeEntry } from "../../model/record.ts";
import { crc32Hex } from "../../support/bytes/crc32.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import { carriesRecordId } from "./object_key.ts";
import type { Destination } from "../ports.ts";
import { isSameObject } from "./stored_object.ts";

const HEADS_IN_FLIGHT_MAX = 16;

/** What the destination has of that which a record names. */
export interface FoundObjects {
  readonly missing: readonly ObjectEntry[];
  /**
   * Objects that are not what the record says, under keys that do not say which record they are of: perhaps of another
   * journal, whose lake this one was copied from.
   */
  readonly disputed: readonly ObjectEntry[];
  readonly missingLetters: readonly DeadLetterEntry[];
  /** What is there in other bytes than recorded, made by an earlier redo of this very record. */
  readonly remade: readonly RemadeEntry[];
}

interface LookContext {
  readonly destination: Pick<Destination, "head" | "get">;
}

/** Asks the destination for everything that a record names. */
export async function lookForObjects(
  context: LookContext,
  record: BatchRecord,
): Promise<FoundObjects> {
  const missing: ObjectEntry[] = [];
  const disputed: ObjectEntry[] = [];
  const remade: RemadeEntry[] = [];
  const look = (entry: ObjectEntry | DeadLetterEntry) => lookFor(context, record, entry);
  const looks = await mapLimited(record.objects, HEADS_IN_FLIGHT_MAX, look);
  for (const [i, entry] of record.objects.entries()) {
    const found = looks[i]!;
    if (found === "missing") missing.push(entry);
    else if (found === "disputed") disputed.push(entry);
    else if (found !== "as-recorded") remade.push(found);
  }
  const missingLetters: DeadLetterEntry[] = [];
  for (const letter of record.deadLetters) {
    const found = await look(letter);
    if (found === "missing") missingLetters.push(letter);
    else if (typeof found === "object") remade.push(found);
  }
  return { missing, disputed, missingLetters, remade };
}

/** Whether nothing has to be made. */
export function isWhole({ missing, disputed, missingLetters }: FoundObjects): boolean {
  return missing.length + disputed.length + missingLetters.length === 0;
}

async function lookFor(
  context: LookContext,
  record: BatchRecord,
  entry: ObjectEntry | DeadLetterEntry,
): Promise<"missing" | "as-recorded" | "disputed" | RemadeEntry> {
  const stored = await context.destination.head(entry.key);
  if (stored === undefined) return "missing";
  if (isSameObject(stored, entry)) return "as-recorded";
  if (!carriesRecordId(entry.key, record.id)) return "disputed";
  return await describeStored(context, record.seq, entry.key);
}

/** What lies under a key, with its checksum, which costs reading it where the store does not tell. */
export async function describeStored(
  { destination }: LookContext,
  seq: number,
  key: string,
): Promise<RemadeEntry> {
  const stored = await destination.head(key);
  if (stored?.crc32 !== undefined) return { seq, key, bytes: stored.bytes, crc32: stored.crc32 };
  const bytes = await destination.get(key);
  if (bytes === undefined) throw new TransientError(`Cannot read ${key}: it was there just now`);
  return { seq, key, bytes: bytes.byteLength, crc32: crc32Hex(bytes) };
}
