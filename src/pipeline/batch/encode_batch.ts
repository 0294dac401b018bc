import { positionOfEvent } from "../../bson/event/event_position.ts";
import { EventSpans } from "../../bson/event/event_spans.ts";
import type { Position } from "../../model/position.ts";
import type { Chunk } from "../../model/record.ts";
import type { RowEncoding } from "../../model/settings.ts";
import { crc32Hex } from "../../support/bytes/crc32.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import type { Batch, BatchObject } from "./batcher.ts";
import type { UnreadableEvent } from "../read/readable_reply.ts";
import type { Encoder, EncodeResult } from "../ports.ts";

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

/** Groups of a batch's objects that are with the encoder at once; the pool spreads them over its threads. */
const GROUPS_IN_FLIGHT_MAX = 8;

/** Raw events of small objects that go to the encoder together: enough that the way there counts little. */
const GROUP_BYTES_MAX = 512 * 1024;
const GROUP_OBJECTS_MAX = 64;

/** Encodes a batch; gives its chunks away. An object of which no event could be encoded is left out. */
export async function encodeBatch(
  encoder: Encoder,
  encoding: RowEncoding,
  batch: Batch,
): Promise<EncodedBatch> {
  const groups = await mapLimited(
    groupsOf(batch.objects, encoder),
    GROUPS_IN_FLIGHT_MAX,
    (group) => encodeGroup(encoder, encoding, group),
  ).finally(() => {
    // After a failure some may not have been ended; an encoder would hold them for ever.
    for (const object of batch.objects) object.begun?.drop();
  });
  const results = groups.flat();
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
  const { chunks, begun } = object;
  const result = await (begun?.finish(chunks) ?? encoder.encode({ encoding, chunks }));
  return resultOf(object, result);
}

/** Neighbours in groups that are encoded together; what is begun or large is alone in its own. */
function groupsOf(objects: readonly BatchObject[], encoder: Encoder): BatchObject[][] {
  const groups: BatchObject[][] = [];
  let room = 0;
  for (const object of objects) {
    const bytes = object.chunks.reduce((sum, chunk) => sum + chunk.bytes.length, 0);
    const isAlone = object.begun !== undefined || encoder.encodeTogether === undefined;
    const group = groups.at(-1);
    if (isAlone || bytes > room || group === undefined || group.length >= GROUP_OBJECTS_MAX) {
      groups.push([object]);
      room = isAlone ? -1 : GROUP_BYTES_MAX - bytes;
    } else {
      group.push(object);
      room -= bytes;
    }
  }
  return groups;
}

async function encodeGroup(
  encoder: Encoder,
  encoding: RowEncoding,
  group: readonly BatchObject[],
): Promise<ObjectResult[]> {
  const [first] = group;
  if (group.length === 1) return [await encodeObject(encoder, encoding, first!)];
  const results = await encoder.encodeTogether!(
    group.map(({ chunks }) => ({ encoding, chunks })),
  );
  return group.map((object, i) => resultOf(object, results[i]!));
}

function resultOf(object: BatchObject, result: EncodeResult): ObjectResult {
  const { database, collection, bucket } = object;
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
