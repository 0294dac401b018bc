/**
 * Every metric by its name after the prefix. A contract: dashboards and alerts of users hang on names, labels and units.
 * Prefix and the labels `instance_id`, `instance_name` and `pipeline`, which all have, are added where they are made.
 */
export interface MetricText {
  readonly help: string;
  readonly labels: readonly string[];
}

export interface HistogramText extends MetricText {
  readonly buckets: readonly number[];
}

/** From a request to a store nearby to one that is retried for minutes. */
const CALL_SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** A batch lives as long as `BATCH_TIMEOUT` lets it, and as its upload takes. */
const BATCH_SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 45, 60, 120, 300, 600];
const BATCH_ROWS = [1, 10, 100, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 500_000];
/** Leases are held for seconds up to weeks. */
const HOLD_SECONDS = [1, 10, 60, 300, 1800, 3600, 6 * 3600, 86_400, 7 * 86_400];
const HANDOVER_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

export const COUNTERS = {
  events_processed_total: {
    help: "Events stored in the lake by this instance.",
    labels: ["database", "collection", "operation"],
  },
  events_failed_total: {
    help: "Events that became dead letters, because no row could be made of them.",
    labels: [],
  },
  events_read_total: { help: "Events read from change streams.", labels: [] },
  read_bytes_total: { help: "Bytes of BSON read from change streams.", labels: [] },
  batches_written_total: { help: "Batches of which all objects are stored.", labels: [] },
  objects_written_total: { help: "Objects stored in the destination.", labels: [] },
  destination_write_bytes_total: {
    help: "Bytes of objects stored in the destination.",
    labels: [],
  },
  write_errors_total: {
    help: "Failed requests to the destination, repeated or not; by the stream that they were for.",
    labels: ["database", "collection"],
  },
  retries_total: {
    help:
      "Repetitions after a failure: of requests to the destination, of lost change streams, of whole streams.",
    labels: ["stage"],
  },
  stream_failures_total: {
    help:
      "Failures that ended a run of a stream; it is tried again. permanent: only a person can mend it.",
    labels: ["permanent"],
  },
  streams_read_alone_total: {
    help: "Streams that began to be read by a change stream of their own, by reason: slow, failed.",
    labels: ["reason"],
  },
  streams_fenced_total: {
    help: "Runs of a stream ended because another writer went on with its journal.",
    labels: [],
  },
  records_appended_total: { help: "Records appended to journals.", labels: ["kind"] },
  objects_redone_total: {
    help: "Objects made again from their record after a crash or a takeover.",
    labels: [],
  },
  objects_voided_total: {
    help: "Objects of a record that could not be made any more: events are missing in the lake.",
    labels: [],
  },
  history_gaps_total: {
    help:
      "Gaps recorded because the oplog no longer held a stream's position: events are missing in the lake.",
    labels: [],
  },
  state_save_failures_total: { help: "Failed saves to the state store.", labels: [] },
  lock_acquisitions_total: { help: "Leases acquired.", labels: [] },
  lock_acquisition_failures_total: {
    help: "Leases asked for and not got, by reason.",
    labels: ["reason"],
  },
  locks_lost_total: { help: "Leases lost: expired, or taken by another instance.", labels: [] },
  lock_refreshes_total: { help: "Leases refreshed.", labels: [] },
  table_commits_total: {
    help: "Commits to tables by this instance.",
    labels: [],
  },
  table_conflicts_total: {
    help: "Commits to tables that somebody else was faster with, and that were made anew.",
    labels: [],
  },
  table_compactions_total: {
    help:
      "Objects that this instance has made of smaller ones, and put into tables in their place.",
    labels: [],
  },
  table_compacted_objects_total: {
    help: "Smaller objects in whose place tables name others, by this instance.",
    labels: [],
  },
  table_deleted_objects_total: {
    help: "Smaller objects that this instance has deleted, for tables have named others for long.",
    labels: [],
  },
  table_deleted_bytes_total: { help: "Bytes of these.", labels: [] },
  locks_released_total: { help: "Leases given back.", labels: [] },
} as const satisfies Record<string, MetricText>;

export const HISTOGRAMS = {
  batch_size: {
    help: "Events in a stored batch; the collection is empty where they are of several.",
    labels: ["database", "collection"],
    buckets: BATCH_ROWS,
  },
  batch_duration_seconds: {
    help: "Seconds from the first event of a batch until its last object is stored.",
    labels: [],
    buckets: BATCH_SECONDS,
  },
  destination_write_duration_seconds: {
    help: "Seconds to store one object, repetitions included.",
    labels: [],
    buckets: CALL_SECONDS,
  },
  stage_duration_seconds: {
    help:
      "Seconds spent in a stage: read_wait (for events), encode_wait (for an encoder), encode (CPU), append " +
      "(to the journal), put (an object).",
    labels: ["stage"],
    buckets: CALL_SECONDS,
  },
  lock_handover_seconds: {
    help: "Seconds from the decision to hand a stream over until its lease is given back.",
    labels: [],
    buckets: HANDOVER_SECONDS,
  },
  lock_hold_duration_seconds: {
    help: "Seconds that a lease was held.",
    labels: [],
    buckets: HOLD_SECONDS,
  },
} as const satisfies Record<string, HistogramText>;

export const GAUGES = {
  active_streams: { help: "Streams that this instance is reading.", labels: [] },
  active_workers: {
    help: "Streams that this instance has taken, whether they are read or wait to be tried again.",
    labels: [],
  },
  change_streams: {
    help: "Open change streams of this instance: MongoDB reads its oplog once for each.",
    labels: [],
  },
  change_stream_members: {
    help:
      "Streams that are read, by why each has a change stream of its own: slow, failed, behind, rights, own, stages, " +
      "partition; empty: for no such reason, as where they share one.",
    labels: ["alone"],
  },
  streams_paused: {
    help: "Streams that were told to pause, counted by one instance of those that share them.",
    labels: [],
  },
  snapshots: {
    help: "Snapshots that are not at their end, counted by one instance of those that share them.",
    labels: ["state"],
  },
  snapshot_documents_read: {
    help: "Documents of these snapshots that are in the lake.",
    labels: [],
  },
  snapshot_documents_expected: {
    help: "Documents of these snapshots that there were about when they were planned.",
    labels: [],
  },
  streams_failing: {
    help: "Streams that fail now, by whether only a person can mend it; they are tried again.",
    labels: ["permanent"],
  },
  replication_lag_seconds: {
    help: "Seconds between now and the cluster time up to which a stream is read.",
    labels: ["stream"],
  },
  lake_lag_seconds: {
    help: "Seconds between now and the time up to which all events of a stream are in the lake.",
    labels: ["stream"],
  },
  resume_token_age_seconds: {
    help:
      "Seconds between now and the cluster time up to which a stream's journal says that it is in the lake.",
    labels: ["stream"],
  },
  oplog_window_seconds: { help: "Seconds that MongoDB's oplog reaches back.", labels: [] },
  oplog_headroom_seconds: {
    help: "Seconds of oplog left behind a stream's position; at 0 its history is lost.",
    labels: ["stream"],
  },
  lake_gaps: {
    help:
      "Gaps in a stream's journal that nobody has accepted: events of these times are missing in the lake.",
    labels: ["stream"],
  },
  lake_voided_objects: {
    help:
      "Objects in a stream's journal that can never be made and that nobody has accepted: their events are missing in the lake.",
    labels: ["stream"],
  },
  lake_dead_letters: {
    help: "Events of a stream in dead letters that nobody has accepted.",
    labels: ["stream"],
  },
  lake_losses_accepted: {
    help: "Records of a stream's journal whose loss somebody has accepted.",
    labels: ["stream"],
  },
  table_lag_seconds: {
    help:
      "Seconds since a table had everything that was in the lake, on the instance that keeps the tables.",
    labels: ["table", "format"],
  },
  tables_failing: {
    help: "Tables that get nothing more until a person has looked; the lake goes on.",
    labels: [],
  },
  stream_generation: { help: "Generation of the lease a stream runs under.", labels: ["stream"] },
  memory_budget_bytes: { help: "MEMORY_BUDGET: bytes of events held at most.", labels: [] },
  buffered_bytes: { help: "Bytes of events held: read and not yet stored.", labels: [] },
  buffered_events: { help: "Events held: read and not yet stored.", labels: [] },
  dependency_up: {
    help:
      "Whether MongoDB, Redis or the destination answers: 1 yes, 0 no. Absent until it is known.",
    labels: ["dependency"],
  },
  loop_turn_age_seconds: {
    help: "Seconds since the slowest of this instance's loops last turned.",
    labels: [],
  },
  locks_held_total: { help: "Leases that this instance holds.", labels: [] },
  instances: { help: "Instances that share the streams, as this one sees them.", labels: [] },
  build_info: { help: "Always 1; the label says which version runs.", labels: ["version"] },
} as const satisfies Record<string, MetricText>;

export type CounterName = keyof typeof COUNTERS;
export type HistogramName = keyof typeof HISTOGRAMS;
export type GaugeName = keyof typeof GAUGES;

/** Metrics of the process, under the names that all programs use for them: without a prefix. */
export const PROCESS_METRICS = {
  process_cpu_seconds_total: "CPU seconds spent by the process, user and system.",
  process_resident_memory_bytes: "Resident memory in bytes.",
  process_heap_bytes: "Heap of the JavaScript engine in use, in bytes.",
  process_start_time_seconds: "When the process began, in seconds since 1970.",
} as const;
