import { positionOfEvent } from "../../bson/event/event_position.ts";
import { EventSpans } from "../../bson/event/event_spans.ts";
import type { Position } from "../../model/position.ts";
import type { Chunk } from "../../model/record.ts";
import type { RowEncoding } from "../../model/settings.ts";
import { crc32Hex } from "../../support/bytes/crc32.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import type { Batch, BatchObject } from "./batcher.ts";
import type { UnreadableEvent } from "../read/readable_reply.ts";
import type { Encoder } from "../ports.ts";

/** A batch as bytes, ready to be named by a record. */
export interface EncodedBatch {
  readonly to: Position;
  readonly objects: readonly EncodedObject[];
  readonly deadLetters: readonly UnreadableEvent[];
  readonly rows: number;
  readonly rawBytes: number;
  readonly bytes: number;
  readonly encodeMs: number;
  readonly chunk?: Chunk;
}

export interface EncodedObject {
  readonly database: string;
  readonly collection: string | null;
  readonly bucket: string;
  readonly rows: number;
  readonly operations: Readonly<Record<string, number>>;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly crc32: string;
}

/** Objects of one batch that are with the encoder at once; the pool spreads them over its threads. */
const OBJECTS_IN_FLIGHT_MAX = 8;

/** Encodes a batch; gives its chunks away. An object of which no event could be encoded is left out. */
export async function encodeBatch(
  encoder: Encoder,
  encoding: RowEncoding,
  batch: Batch,
): Promise<EncodedBatch> {
  const results = await mapLimited(
    batch.objects,
    OBJECTS_IN_FLIGHT_MAX,
    (object) => encodeObject(encoder, encoding, object),
  ).finally(() => {
    // After a failure some may not have been ended; an encoder would hold them for ever.
    for (const object of batch.objects) object.begun?.drop();
  });
  const objects = results.map((r) => r.object).filter((o) => o.rows > 0);
  const deadLetters = [...batch.unreadable, ...results.flatMap((r) => r.deadLetters)];
  let bytes = 0;
  for (const object of objects) bytes += object.bytes.byteLength;
  for (const letter of deadLetters) bytes += letter.event.byteLength;
  const encodeMs = results.reduce((sum, r) => sum + r.encodeMs, 0);
  return {
    to: batch.to,
    objects,
    deadLetters,
    rows: batch.rows,
    rawBytes: batch.bytes,
    bytes,
    encodeMs,
    ...(batch.chunk === undefined ? {} : { chunk: batch.chunk }),
  };
}

interface ObjectResult {
  readonly object: EncodedObject;
  readonly deadLetters: readonly UnreadableEvent[];
  readonly encodeMs: number;
}

export async function encodeObject(
  encoder: Encoder,
  encoding: RowEncoding,
  object: BatchObject,
): Promise<ObjectResult> {
  const { database, collection, bucket, chunks, begun } = object;
  const result = await (begun?.finish(chunks) ?? encoder.encode({ encoding, chunks }));
  const { bytes, rows, operations, failed, encodeMs } = result;
  const spans = new EventSpans();
  const deadLetters = failed.map(({ event, reason }) => ({
    data: positionOfEvent(event, 0, spans).data,
    reason,
    event,
  }));
  const encoded = { database, collection, bucket, rows, operations, bytes, crc32: crc32Hex(bytes) };
  return { object: encoded, deadLetters, encodeMs };
}
