import { BSON, Timestamp } from "bson";
import { positionAfterToken } from "../../src/model/position.ts";
import type { SourceReply } from "../../src/pipeline/ports.ts";
import { highWaterToken, tokenData } from "../../src/source/memory/memory_token.ts";

/** A change event in short. */
export interface EventSketch {
  readonly t: number;
  readonly i: number;
  /** Absent for an event of no namespace, as an invalidate is. */
  readonly database?: string;
  /** Absent for an event of a whole database. */
  readonly collection?: string;
  readonly operation?: string;
  /** Anything, to give the event weight. */
  readonly payload?: string;
  readonly fullDocument?: object;
  readonly typeBits?: Uint8Array;
}

/** The `_data` of the sketch's token. */
export function sketchToken({ t, i }: Pick<EventSketch, "t" | "i">): string {
  return tokenData({ time: { t, i }, fromInvalidate: false });
}

/** The event as MongoDB would send it. */
export function eventBytes(sketch: EventSketch): Uint8Array<ArrayBuffer> {
  const { t, i, database, collection, operation = "insert", payload, typeBits } = sketch;
  const ns = collection === undefined ? { db: database } : { db: database, coll: collection };
  const bytes = BSON.serialize({
    _id: { _data: sketchToken(sketch), ...(typeBits === undefined ? {} : { _typeBits: typeBits }) },
    operationType: operation,
    clusterTime: new Timestamp({ t, i }),
    ...(database === undefined ? {} : { ns }),
    ...(sketch.fullDocument === undefined ? {} : { fullDocument: sketch.fullDocument }),
    ...(payload === undefined ? {} : { documentKey: { _id: payload } }),
  });
  return new Uint8Array(bytes);
}

/** A reply that holds these events and has seen everything up to the last of them, or to `seen`. */
export function replyOf(
  sketches: readonly EventSketch[],
  seen?: { readonly t: number; readonly i: number },
): SourceReply {
  const events = sketches.map(eventBytes);
  const bytes = new Uint8Array(events.reduce((sum, event) => sum + event.length, 0));
  const starts = new Uint32Array(events.length);
  let at = 0;
  for (const [index, event] of events.entries()) {
    starts[index] = at;
    bytes.set(event, at);
    at += event.length;
  }
  const last = sketches.at(-1);
  const data = seen !== undefined || last === undefined
    ? highWaterToken(seen ?? { t: 1, i: 1 })
    : sketchToken(last);
  const highWater = positionAfterToken(data);
  return { bytes, starts, highWater, invalidated: false, waitMs: 0 };
}

/** The tokens of the events that lie in these bytes. */
export function tokensIn(
  chunks: readonly { readonly bytes: Uint8Array; readonly starts: Uint32Array }[],
): string[] {
  return chunks.flatMap(({ bytes, starts }) =>
    [...starts].map((start) => {
      const size = new DataView(bytes.buffer, bytes.byteOffset).getInt32(start, true);
      return String(BSON.deserialize(bytes.subarray(start, start + size))["_id"]._data);
    })
  );
}
