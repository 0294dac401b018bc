import type { EventSpans } from "../bson/event/event_spans.ts";
import type { SnapshotEvent } from "../bson/event/snapshot_event.ts";
import type { RowEncoding } from "../model/settings.ts";
import type { Scratch } from "./scratch.ts";

/** One object in the making: rows go in, the bytes of the object come out. */
export interface ObjectWriter {
  /**
   * Adds the event as a row. `spans` says where its parts lie in `bytes` and has been through `rowFault`.
   *
   * Throws if some part of the event is malformed; then nothing of the event stays in the object.
   */
  add(bytes: Uint8Array, spans: EventSpans): void;
  /**
   * As `add` of the event that has been begun for the document at `start`, for formats that need no copy of it. What else is in
   * the event is as it was for the document before, but for the number of the row.
   */
  addDocument?(event: SnapshotEvent, documents: Uint8Array, start: number): void;
  /** Compresses what has been added so far, for formats that are compressed as a whole. No `add` meanwhile. */
  drain?(): Promise<void>;
  /** The object, alone in its buffer. The writer is of no use afterwards. */
  finish(): Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>;
  /** Lets go of what `finish` is not called for. */
  drop?(): void;
}

/** What a format is: a way to begin an object. `bytesExpected` is the size of the BSON to come. */
export type OpenObject = (
  encoding: RowEncoding,
  scratch: Scratch,
  bytesExpected: number,
) => Promise<ObjectWriter>;
