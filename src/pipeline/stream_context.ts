import type { Stream } from "../model/stream.ts";
import type { RangeToRun } from "../model/snapshot.ts";
import type { DocumentSource } from "./documents.ts";
import type { StreamSettings } from "../model/settings.ts";
import type { OnHistoryLost, StartFrom } from "../model/start_from.ts";
import type { BackoffOptions } from "../support/flow/backoff.ts";
import type { Clock } from "../support/clock.ts";
import type { Limiter } from "../support/flow/limited.ts";
import type { Ringing } from "../support/flow/notify.ts";
import type { Random } from "../support/random.ts";
import type { BatchLimits } from "./batch/batcher.ts";
import type { PipelineEvent } from "./events.ts";
import type { LayoutNews } from "./layout/layout_watch.ts";
import type { Budget } from "./read/memory_budget.ts";
import type { NamespaceSource } from "./namespaces.ts";
import type {
  CoverageLog,
  Encoder,
  Journal,
  Layouts,
  LossBook,
  Source,
  StateStore,
} from "./ports.ts";
import type { RecordFormat } from "./record/record_format.ts";
import type { Sink } from "./sink.ts";
import type { SnapshotAnnouncer } from "./snapshots.ts";

/** Where it is read which collections patterns have wanted. */
export interface CoverageParts {
  readonly log: CoverageLog;
  readonly source: NamespaceSource;
}

/** Everything that running one stream needs, besides the lease under which it runs. */
export interface StreamContext {
  readonly stream: Stream;
  readonly key: string;
  readonly settings: StreamSettings;
  /** Aborted when there are other settings: the run ends cleanly, and the next one has them. */
  readonly renewed?: AbortSignal;
  /** May be others at each look: batches are cut as they say when the batch begins. */
  readonly options: StreamOptions;
  readonly source: Source;
  readonly encoder: Encoder;
  readonly journal: Journal;
  /** Left out where nobody wants to know: a person's command ends before it is counted. */
  readonly losses?: LossBook;
  readonly layouts: Layouts;
  readonly layoutNews: LayoutNews;
  readonly sink: Sink;
  /** Left out where no patterns are ever filled in. */
  readonly coverage?: CoverageParts;
  readonly state: StateStore;
  readonly recordFormat: RecordFormat;
  readonly budget: Budget;
  /** The streams that take over their journals now: each waits for one request after the other, all at once fill the memory. */
  readonly openings: Limiter;
  /** The records whose objects are made again now: each holds the events of a batch. */
  readonly redos: Limiter;
  /** Rings when something that was away answers again: then streams that wait try at once. Left out where nobody watches. */
  readonly recovery?: Ringing;
  readonly clock: Clock;
  readonly random: Random;
  readonly observe: (event: PipelineEvent) => void;
  /** A record is appended at least so often, also where there is nothing to say. */
  readonly silenceMsMax?: number;
  /** Left out where no snapshot is taken of what is streamed for the first time. */
  readonly snapshots?: SnapshotAnnouncer;
  /** Of a snapshot: then the stream is its target, and `documents` is there. */
  readonly range?: RangeToRun;
  readonly documents?: DocumentSource;
  /**
   * Asked before a stream's selection is changed: a sentence that says which living instance selects other events and
   * must stop first; undefined where there is none.
   */
  readonly rivalOf?: (key: string) => Promise<string | undefined>;
}

export interface StreamOptions {
  readonly batch: BatchLimits;
  readonly batchAgeMsMax: number;
  readonly startFrom: StartFrom;
  readonly onHistoryLost: OnHistoryLost;
  readonly uploadsInFlightMax: number;
  /** Batches being encoded at once; as many as encoders, so that each has work. */
  readonly encodesInFlightMax: number;
  /** An object of an open batch goes to the encoder in steps of at least so many bytes of events. */
  readonly encodeAheadBytesMin: number;
  /** Longest silence of the journal while the stream is idle; shortened where the oplog is short. */
  readonly heartbeatMsMax: number;
  /** The loop turns at least this often, so that a watchdog sees it live. */
  readonly turnMsMax: number;
  readonly retry: BackoffOptions;
}

/** Records that are appended and whose objects are not all there yet. */
export const RECORDS_IN_FLIGHT_MAX = 4;
