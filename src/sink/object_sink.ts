import { TransientError } from "../model/errors.ts";
import type { BatchRecord, DeadLetterEntry, ObjectEntry, RemadeEntry } from "../model/record.ts";
import { carriesRecordId } from "../pipeline/record/object_key.ts";
import { isSameObject } from "../pipeline/record/stored_object.ts";
import type { LakeStore, StoredObject } from "../pipeline/ports.ts";
import type { Delivery, FoundObjects, Sink } from "../pipeline/sink.ts";
import { crc32Hex } from "../support/bytes/crc32.ts";
import { mapLimited } from "../support/flow/limited.ts";

const HEADS_IN_FLIGHT_MAX = 16;

/** The part of a store that a sink needs. */
export interface ObjectStore extends Pick<LakeStore, "putIfAbsent" | "head" | "get" | "list"> {
  /** As `Sink.keyFault`; left out where every key can be that others can. */
  keyFault?(key: string): string | undefined;
}

/** Delivers each object as one file of a store, under the key that its record names. */
export function createObjectSink(store: ObjectStore): Sink {
  return {
    deliver: (key, bytes, crc32) => deliver(store, key, bytes, crc32),
    look: (record) => lookForObjects(store, record),
    head: (key) => store.head(key),
    describe: (key) => describe(store, key),
    list: (prefix, options) => store.list(prefix, options),
    keyFault: (key) => store.keyFault?.(key),
  };
}

async function deliver(
  store: ObjectStore,
  key: string,
  bytes: Uint8Array,
  crc32: string,
): Promise<Delivery> {
  const made = { bytes: bytes.byteLength, crc32 };
  const outcome = await store.putIfAbsent(key, bytes, { crc32 });
  if (outcome === "created") return { isNew: true, stored: made };
  return { isNew: false, stored: await store.head(key) };
}

async function lookForObjects(store: ObjectStore, record: BatchRecord): Promise<FoundObjects> {
  const missing: ObjectEntry[] = [];
  const disputed: ObjectEntry[] = [];
  const remade: RemadeEntry[] = [];
  const look = (entry: ObjectEntry | DeadLetterEntry) => lookFor(store, record, entry);
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

async function lookFor(
  store: ObjectStore,
  record: BatchRecord,
  entry: ObjectEntry | DeadLetterEntry,
): Promise<"missing" | "as-recorded" | "disputed" | RemadeEntry> {
  const { key } = entry;
  const stored = await store.head(key);
  if (stored === undefined) return "missing";
  if (isSameObject(stored, entry)) return "as-recorded";
  if (!carriesRecordId(key, record.id)) return "disputed";
  return { seq: record.seq, key, ...await describe(store, key) };
}

async function describe(store: ObjectStore, key: string): Promise<Required<StoredObject>> {
  const stored = await store.head(key);
  if (stored?.crc32 !== undefined) return { bytes: stored.bytes, crc32: stored.crc32 };
  const bytes = await store.get(key);
  if (bytes === undefined) throw new TransientError(`Cannot read ${key}: it was there just now`);
  return { bytes: bytes.byteLength, crc32: crc32Hex(bytes) };
}
