import { BSON } from "mongodb";
import type { ClusterTime } from "../model/cluster_time.ts";
import { ARRAY, DOCUMENT, INT64, STRING, TIMESTAMP } from "../bson/element_type.ts";
import { MalformedBsonError } from "../bson/malformed_bson_error.ts";
import { readInt64, readUint32 } from "../bson/read.ts";
import { documentEnd, elementSize, nameEnd, stringEnd } from "../bson/skip.ts";
import { type Position, positionAfterToken } from "../model/position.ts";

/** What the `cursor` field of a reply to `aggregate` or `getMore` says, its events not decoded. */
export interface CursorReply {
  /** 0: the server has ended the cursor. */
  readonly id: bigint;
  /** `db.collection`: where `getMore` must be sent to. */
  readonly namespace: string;
  /** Where each event starts in the bytes that were read. */
  readonly starts: Uint32Array;
  /** `postBatchResumeToken`; undefined if the server sent none. */
  readonly highWater: Position | undefined;
  /** The time that a snapshot is of. */
  readonly atClusterTime?: ClusterTime;
}

/**
 * Reads the raw BSON of a reply's `cursor` document.
 *
 * Of the events only the lengths are looked at: no object is made for any of them.
 *
 * @throws {MalformedBsonError} if the bytes are not such a document.
 * @throws {TypeError} if the resume token is not of MongoDB's form.
 */
export function readCursorReply(bytes: Uint8Array): CursorReply {
  let id: bigint | undefined;
  let namespace = "";
  let starts: Uint32Array = new Uint32Array(0);
  let highWater: Position | undefined;
  let atClusterTime: ClusterTime | undefined;
  const last = documentEnd(bytes, 0, bytes.length) - 1;
  let at = 4;
  while (at < last) {
    const type = bytes[at]!;
    const value = nameEnd(bytes, at + 1, last) + 1;
    const name = readText(bytes, at + 1, value - 1);
    at = value + elementSize(bytes, type, value, last);
    if (name === "id" && type === INT64) id = readInt64(bytes, value);
    if (name === "ns" && type === STRING) {
      namespace = readText(bytes, value + 4, stringEnd(bytes, value, last) - 1);
    }
    if (name === "atClusterTime" && type === TIMESTAMP) {
      atClusterTime = { i: readUint32(bytes, value), t: readUint32(bytes, value + 4) };
    }
    if (name === "postBatchResumeToken" && type === DOCUMENT) {
      highWater = readToken(bytes.subarray(value, at));
    }
    if ((name === "nextBatch" || name === "firstBatch") && type === ARRAY) {
      starts = readBatch(bytes, value, at);
    }
  }
  if (id === undefined) throw new MalformedBsonError("the reply's cursor has no id", 0);
  return {
    id,
    namespace,
    starts,
    highWater,
    ...(atClusterTime === undefined ? {} : { atClusterTime }),
  };
}

/** The same bytes without the methods of Buffer, whose `slice` means something else and whose parts take longer to make. */
export function plainBytes(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

/**
 * Where starts are gathered until it is known how many there are, at most as many as are asked for at once. It is kept: one
 * for each reply, of the most there can be, left holes in the memory by which the program grew.
 */
let gathered = new Uint32Array(1024);

/** The starts of an array's documents. */
function readBatch(bytes: Uint8Array, start: number, end: number): Uint32Array {
  const last = end - 1;
  let count = 0;
  let at = start + 4;
  while (at < last) {
    if (bytes[at] !== DOCUMENT) throw new MalformedBsonError("event is not a document", at);
    const value = nameEnd(bytes, at + 1, last) + 1;
    if (count === gathered.length) gathered = grown(gathered);
    gathered[count++] = value;
    at = documentEnd(bytes, value, last);
  }
  return gathered.slice(0, count);
}

function grown(numbers: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  return new Uint32Array(numbers.buffer.transfer(numbers.byteLength * 2));
}

function readToken(document: Uint8Array): Position {
  const token = BSON.deserialize(document, { promoteBuffers: true });
  const typeBits: unknown = token["_typeBits"];
  return positionAfterToken(
    String(token["_data"]),
    typeBits instanceof Uint8Array ? toBase64(typeBits) : undefined,
  );
}

/** `_typeBits` in the form that positions keep them in. */
export function toBase64(bytes: Uint8Array): string {
  return new BSON.Binary(bytes).toString("base64");
}

function readText(bytes: Uint8Array, start: number, end: number): string {
  return new TextDecoder().decode(bytes.subarray(start, end));
}
