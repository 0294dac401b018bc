import type { ClusterTime } from "../model/cluster_time.ts";
import type { Position } from "../model/position.ts";
import type { RecordKind } from "../model/record.ts";
import type { KnownLosses } from "./ports.ts";

/**
 * What the pipeline tells of itself. It neither logs nor counts: `observe` does, from these. Times are milliseconds
 * spent, sizes bytes.
 */
export type PipelineEvent =
  | { readonly type: "stream-started"; readonly generation: number }
  | {
    readonly type: "journal-opened";
    readonly seq: number;
    readonly position: Position;
    /** Who wrote it last, and when (ISO 8601), where that one has not said that it stopped. */
    readonly unfinished?: { readonly owner: string; readonly writtenAt: string };
  }
  | { readonly type: "genesis-written"; readonly position: Position }
  | { readonly type: "start-ignored"; readonly startFrom: string; readonly position: Position }
  | { readonly type: "settings-changed"; readonly changed: readonly string[] }
  | { readonly type: "source-opened"; readonly position: Position }
  | { readonly type: "source-lost"; readonly reason: string }
  | {
    readonly type: "reply-read";
    readonly events: number;
    readonly bytes: number;
    readonly waitMs: number;
    readonly highWater: ClusterTime;
    /** When the first of the events happened; absent where there is none, or it does not say. */
    readonly first?: ClusterTime;
    /** As in `SourceReply`. */
    readonly isSecondHand?: true;
  }
  | {
    readonly type: "batch-encoded";
    readonly rows: number;
    readonly rawBytes: number;
    readonly bytes: number;
    readonly encodeMs: number;
    /** For an encoder that had something else to do. */
    readonly waitMs: number;
    /** From the cut of the batch until it was encoded. */
    readonly finishMs: number;
    /** Where the batch ends. */
    readonly to: Position;
  }
  | {
    readonly type: "record-appended";
    readonly kind: RecordKind;
    readonly seq: number;
    readonly to: Position;
    readonly appendMs: number;
  }
  | {
    readonly type: "object-stored";
    readonly key: string;
    readonly database: string;
    readonly collection: string | null;
    readonly rows: number;
    /** How many of the rows have which operation. */
    readonly operations: Readonly<Record<string, number>>;
    readonly bytes: number;
    readonly putMs: number;
    readonly outcome: "created" | "exists";
  }
  | {
    readonly type: "batch-durable";
    readonly seq: number;
    readonly rows: number;
    readonly objects: number;
    readonly bytes: number;
    readonly deadLetters: number;
    /** From the first event's arrival until the last object was stored. */
    readonly batchMs: number;
    readonly to: Position;
    /** What all of its rows are of; absent where they are of several collections, or there is none. */
    readonly namespace?: { readonly database: string; readonly collection: string | null };
  }
  | { readonly type: "dead-letters"; readonly events: number; readonly reason: string }
  | { readonly type: "reopened"; readonly position: Position }
  | { readonly type: "redo-started"; readonly seq: number; readonly objects: number }
  | { readonly type: "redo-finished"; readonly seq: number; readonly objects: number }
  /** A collection is another one now, or none: what was left of a snapshot is in the stream. */
  | { readonly type: "piece-superseded"; readonly database: string; readonly collection: string }
  | { readonly type: "objects-voided"; readonly objects: number; readonly reason: string }
  | {
    readonly type: "history-gap";
    readonly from: Position;
    readonly to: Position;
    readonly reason: string;
  }
  /** What the whole journal says is lost and nobody has accepted; told when it is counted, and when it changes. */
  | ({ readonly type: "losses-known" } & KnownLosses)
  | { readonly type: "fenced"; readonly reason: string }
  | { readonly type: "state-save-failed"; readonly reason: string }
  /** For the first time after a save that failed. */
  | { readonly type: "state-saved" }
  /** The journal says as much, a few requests later. */
  | { readonly type: "state-unreadable"; readonly reason: string }
  /** The journal ends at `seq`, and the state store has seen record `known`. */
  | { readonly type: "records-missing"; readonly seq: number; readonly known: number }
  | { readonly type: "stream-drained"; readonly position: Position }
  | { readonly type: "stream-closed"; readonly position: Position }
  | { readonly type: "stream-stopped" }
  | {
    readonly type: "stream-failed";
    readonly error: string;
    readonly permanent: boolean;
    readonly retryMs: number;
    /** Nothing failed: another writer has to end first. */
    readonly waits?: true;
  };
