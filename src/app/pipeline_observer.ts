import type { CoordinateEvent } from "../coordinate/events.ts";
import type { HeldLease } from "../coordinate/lease/leases.ts";
import type { CollectionStream } from "../model/layout.ts";
import type { PipelineEvent } from "../pipeline/events.ts";
import type { SharedReadingEvent } from "../source/shared/shared_source.ts";
import type { SnapshotEvent } from "../pipeline/snapshot/snapshot_catalog.ts";
import type { CoverageEvent } from "../pipeline/collections/selection_coverage.ts";

/** Who is told what happens. Nothing waits for it. */
export interface PipelineObserver {
  stream(stream: { readonly key: string; readonly name: string }, event: PipelineEvent): void;
  coordinate(event: CoordinateEvent): void;
  coverage(event: CoverageEvent): void;
  /** The layout in force has another number of partitions than the settings; 0: the collection was retired. */
  layoutDiffers(collection: CollectionStream, of: number): void;
  /** A snapshot was planned, or is complete. */
  snapshot?(event: SnapshotEvent): void;
  /** Streams could not be looked up; what was known stays in force. */
  lookFailed(error: unknown): void;
  /** The same of snapshots. */
  snapshotLookFailed?(error: unknown): void;
  /** Which streams share a change stream has changed for a reason. */
  reading?(event: SharedReadingEvent): void;
  /** A stream is about to run under this lease. */
  leased?(key: string, lease: HeldLease): void;
}
