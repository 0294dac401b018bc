import { EncoderCrashError, FencedError } from "../../model/errors.ts";
import type { BatchRecord, Chunk, DeadLetterEntry, ObjectEntry } from "../../model/record.ts";
import { rowEncoding } from "../../model/settings.ts";
import { crc32Hex } from "../../support/bytes/crc32.ts";
import { deadLetterBytes } from "../batch/dead_letters.ts";
import { encodeBatch, type EncodedBatch } from "../batch/encode_batch.ts";
import { readChunk } from "../batch/read_chunk.ts";
import type { Lease } from "../ports.ts";
import type { JournalTail } from "../record/journal_tail.ts";
import { isSameObject } from "../record/stored_object.ts";
import type { FoundObjects } from "../sink.ts";
import type { StreamContext } from "../stream_context.ts";

export type ChunkRecord = BatchRecord & { readonly chunk: Chunk };

/**
 * Makes what is missing of a chunk from the same documents at the same time; where these cannot be had any more, sees to
 * it that nobody ever can, by an empty object under the key.
 *
 * Under the key of a chunk lies what its record names or an empty object, and never anything else. Dead letters are there
 * before the object is, so where the object is, nothing is missing.
 */
export async function redoChunk(
  context: StreamContext,
  lease: Lease,
  tail: JournalTail,
  record: ChunkRecord,
  found: FoundObjects,
): Promise<"made" | "emptied"> {
  if (found.remade.length + found.disputed.length > 0) return "emptied";
  const decisive = record.objects[0] ?? record.deadLetters[0]!;
  const isObjectThere = record.objects.length > 0 && found.missing.length === 0;
  if (isObjectThere) return "made";
  const made = await remake(context, lease, tail, record);
  if (made !== undefined) {
    for (const { entry, bytes } of made) {
      if (!await isThere(context, lease, entry, bytes)) return "emptied";
    }
    return "made";
  }
  const bytes = record.objects.length === 0 ? new Uint8Array() : await emptyObject(context, tail);
  return await isThere(context, lease, decisive, bytes) ? "made" : "emptied";
}

/** Valid, and without rows. */
async function emptyObject({ encoder }: StreamContext, tail: JournalTail): Promise<Uint8Array> {
  const encoding = rowEncoding(tail.facts.settings);
  return (await encoder.encode({ encoding, chunks: [] })).bytes;
}

/** Puts the bytes unless something lies there; whether what lies there then is what the record names. */
async function isThere(
  { sink }: StreamContext,
  lease: Lease,
  entry: ObjectEntry | DeadLetterEntry,
  bytes: Uint8Array,
): Promise<boolean> {
  if (!lease.isValid()) {
    throw new FencedError(`Stopped the redo before ${entry.key}: the lease has ended`);
  }
  const { stored } = await sink.deliver(entry.key, bytes, crc32Hex(bytes));
  return isSameObject(stored, entry);
}

/** What the record names, letters first, bit for bit; undefined where it cannot be made. */
async function remake(
  context: StreamContext,
  lease: Lease,
  tail: JournalTail,
  { chunk, objects, deadLetters }: ChunkRecord,
): Promise<{ entry: ObjectEntry | DeadLetterEntry; bytes: Uint8Array }[] | undefined> {
  const { settings } = tail.facts;
  const setAside = new Map(
    deadLetters.flatMap(({ events }) => events.map((e) => [e.data, e.reason])),
  );
  const batch = await readChunk(context, chunk, settings, setAside, lease.signal);
  if (batch === "unreadable" || batch === undefined) return undefined;
  let encoded: EncodedBatch;
  try {
    encoded = await encodeBatch(context.encoder, rowEncoding(settings), batch);
  } catch (error) {
    if (error instanceof EncoderCrashError) return undefined;
    throw error;
  }
  const parts = [
    ...deadLetters.map((entry) => ({ entry, bytes: deadLetterBytes(encoded.deadLetters) })),
    ...objects.map((entry, i) => ({ entry, bytes: encoded.objects[i]?.bytes ?? new Uint8Array() })),
  ];
  const isSame = parts.every(({ entry, bytes }) =>
    isSameObject({ bytes: bytes.byteLength, crc32: crc32Hex(bytes) }, entry)
  );
  return isSame ? parts : undefined;
}
