import type { SnapshotRows } from "../../model/snapshot.ts";
import type { SourceReply } from "../ports.ts";

/** An event for the dead letters: its token's `_data`, why, and its BSON as far as the server could give it. */
export interface UnreadableEvent {
  readonly data: string;
  readonly reason: string;
  readonly event: Uint8Array;
}

/** A reply that may have an event in place of which there is only a poorer form of it. */
export interface ReadableReply extends SourceReply {
  /** An event for the dead letters. It comes after all events of the reply, and `highWater` is its position. */
  readonly unreadable?: UnreadableEvent;
  /** What lies in `bytes` are documents, and these are the events that the encoder is to make of them. */
  readonly rows?: SnapshotRows;
}

/** As `EventCursor`, but events that the server cannot produce are in the replies. */
export interface ReadableCursor {
  next(rowsMax: number, ahead?: () => number): Promise<ReadableReply>;
  close(): Promise<void>;
  readonly holdsRoom: boolean;
}
