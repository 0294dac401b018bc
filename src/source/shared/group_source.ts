import type { Position } from "../../model/position.ts";
import type { StreamSettings } from "../../model/settings.ts";
import type { NamespaceName } from "../../pipeline/namespaces.ts";
import type { EventCursor, OpenRequest, Source } from "../../pipeline/ports.ts";

/** A source that can read many collections by one change stream. */
export interface GroupSource extends Source {
  /** How long an idle stream waits before it is told how far the server is, at first and, as of now, at most. */
  readonly idle: { readonly awaitMs: number; readonly awaitMsMax: () => number };
  /**
   * Why streams cannot be opened as far as a change stream of a database would not tell: lost history, a view. In the order
   * of the requests; undefined for those that can.
   */
  admit(
    requests: readonly OpenRequest[],
    signal: AbortSignal,
  ): Promise<readonly (Error | undefined)[]>;
  /**
   * Opens a change stream with the events of these collections just after `request.from`, and those of renames onto them; no
   * invalidate, no dropDatabase. `invalidated` says that the database was dropped: open again after `highWater`, in the same
   * form only. Otherwise as `open` for the stream of a database or a deployment. Undefined where the user may not read one.
   */
  openGroup(request: GroupRequest, signal: AbortSignal): Promise<EventCursor | undefined>;
}

export interface GroupRequest {
  /** All of one database, or left out: then of any. */
  readonly database?: string;
  readonly names: readonly NamespaceName[];
  /** All events pass, also those of other collections: what is not to be sent costs the server more than what is sent. */
  readonly unfiltered?: boolean;
  readonly from: Position;
  /** Of these only what shapes events is looked at. */
  readonly settings: StreamSettings;
}

/** Room for events that are read and not yet taken, in the memory that all streams share. */
export interface Room {
  readonly limitBytes: number;
  /** Waits for room. Rejects with the signal's reason when it is aborted. */
  take(bytes: number, signal: AbortSignal): Promise<HeldRoom>;
  /** Takes room if there is some at once. */
  takeAtOnce(bytes: number): HeldRoom | undefined;
  /** Takes room, free or not. */
  reserve(bytes: number): HeldRoom;
}

export interface HeldRoom {
  resize(bytes: number): void;
  release(): void;
}
