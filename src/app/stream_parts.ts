import type { StreamContext } from "../pipeline/stream_context.ts";
import { LayoutNews } from "../pipeline/layout/layout_watch.ts";
import { MemoryBudget } from "../pipeline/read/memory_budget.ts";
import { FleetRecordFormat, type RecordFormatChoice } from "../pipeline/record/record_format.ts";
import type { NamespaceSource } from "../pipeline/namespaces.ts";
import type { CoverageLog, Journal, Layouts, Source, StateStore } from "../pipeline/ports.ts";
import type { DocumentSource } from "../pipeline/documents.ts";
import type { SnapshotFiles } from "../pipeline/snapshots.ts";
import type { Sink } from "../pipeline/sink.ts";
import type { Clock } from "../support/clock.ts";
import { Limiter } from "../support/flow/limited.ts";
import type { Bell } from "../support/flow/notify.ts";
import type { Random } from "../support/random.ts";

/** What streams are read from and written to, and what tells time. */
export interface StreamAdapters {
  readonly source: Source;
  readonly namespaces: NamespaceSource;
  readonly sink: Sink;
  readonly journal: Journal;
  readonly layouts: Layouts;
  readonly coverage: CoverageLog;
  readonly state: StateStore;
  /** Left out where no snapshots are taken. */
  readonly documents?: DocumentSource;
  readonly snapshots?: SnapshotFiles;
  /** Rings when something that was away answers again. Left out where nobody watches. */
  readonly recovery?: Bell;
  readonly clock: Clock;
  readonly random: Random;
}

/** What all streams of a process have together at most. */
export interface StreamLimits {
  readonly memoryBudgetBytes: number;
  /** Streams that take over their journals at once. */
  readonly openingsMax: number;
  /** Batches that are made again at once, each with all its events in memory. */
  readonly redosMax: number;
  readonly recordFormat: RecordFormatChoice;
}

/** What all streams of a pipeline share, but for the encoder and what they are set to. */
export function streamParts(adapters: StreamAdapters, limits: StreamLimits) {
  const { namespaces, coverage, snapshots: _, documents: __, ...rest } = adapters;
  return {
    ...rest,
    coverage: { log: coverage, source: namespaces },
    layoutNews: new LayoutNews(adapters.layouts, adapters.clock),
    recordFormat: new FleetRecordFormat(adapters.clock, limits.recordFormat),
    budget: new MemoryBudget(limits.memoryBudgetBytes),
    openings: new Limiter(limits.openingsMax),
    redos: new Limiter(limits.redosMax),
  } satisfies Partial<StreamContext>;
}

export type StreamParts = ReturnType<typeof streamParts>;
