import type { CoordinateEvent } from "../../coordinate/events.ts";
import type { PipelineEvent } from "../../pipeline/events.ts";
import type { ReadingEvent } from "../log/reading_log.ts";
import type { Instruments } from "./instruments.ts";
import { type LabelLimit, OTHER } from "./label_limit.ts";

/** Counts an event of a pipeline. `collections` limits how many have labels of their own. */
export function countPipelineEvent(
  { counters, histograms }: Instruments,
  event: PipelineEvent,
  collections: LabelLimit,
): void {
  const stage = histograms.stage_duration_seconds;
  switch (event.type) {
    case "reply-read":
      counters.events_read_total.inc(event.events);
      counters.read_bytes_total.inc(event.bytes);
      stage.observe({ stage: "read_wait" }, event.waitMs / 1000);
      break;
    case "batch-encoded":
      stage.observe({ stage: "encode" }, event.encodeMs / 1000);
      stage.observe({ stage: "encode_wait" }, event.waitMs / 1000);
      break;
    case "record-appended":
      counters.records_appended_total.inc({ kind: event.kind });
      stage.observe({ stage: "append" }, event.appendMs / 1000);
      break;
    case "object-stored":
      countObject({ counters, histograms }, event, collections);
      break;
    case "batch-durable":
      counters.batches_written_total.inc();
      histograms.batch_size.observe(collectionLabels(collections, event.namespace), event.rows);
      histograms.batch_duration_seconds.observe(event.batchMs / 1000);
      break;
    case "dead-letters":
      counters.events_failed_total.inc(event.events);
      break;
    case "source-lost":
      counters.retries_total.inc({ stage: "source" });
      break;
    case "redo-finished":
      counters.objects_redone_total.inc(event.objects);
      break;
    case "objects-voided":
      counters.objects_voided_total.inc(event.objects);
      break;
    case "history-gap":
      counters.history_gaps_total.inc();
      break;
    case "fenced":
      counters.streams_fenced_total.inc();
      break;
    case "state-save-failed":
      counters.state_save_failures_total.inc();
      break;
    case "stream-failed":
      if (event.waits) break;
      counters.stream_failures_total.inc({ permanent: String(event.permanent) });
      counters.retries_total.inc({ stage: "stream" });
      break;
    default:
      // The rest is for the log.
  }
}

/** The labels of a collection, `_other` beyond the limit; empty where it is of no one collection. */
export function collectionLabels(
  collections: LabelLimit,
  of: { readonly database: string; readonly collection: string | null } | undefined,
): { database: string; collection: string } {
  const database = of?.database ?? "";
  const collection = of?.collection ?? "";
  if (database === "" || collections.admits(`${database}\0${collection}`)) {
    return { database, collection };
  }
  return { database: OTHER, collection: OTHER };
}

type ObjectStored = Extract<PipelineEvent, { readonly type: "object-stored" }>;

function countObject(
  { counters, histograms }: Pick<Instruments, "counters" | "histograms">,
  event: ObjectStored,
  collections: LabelLimit,
): void {
  counters.objects_written_total.inc();
  counters.destination_write_bytes_total.inc(event.bytes);
  histograms.destination_write_duration_seconds.observe(event.putMs / 1000);
  histograms.stage_duration_seconds.observe({ stage: "put" }, event.putMs / 1000);
  const labels = collectionLabels(collections, event);
  for (const [operation, events] of Object.entries(event.operations)) {
    counters.events_processed_total.inc({ ...labels, operation }, events);
  }
}

/** Counts what happens to change streams that many streams share. */
export function countReadingEvent({ counters }: Instruments, event: ReadingEvent): void {
  switch (event.type) {
    case "group-lost":
      return counters.retries_total.inc({ stage: "source" });
    case "reads-alone":
      return counters.streams_read_alone_total.inc({ reason: event.why });
    default:
      // How many may not share is looked at, not counted.
  }
}

/** Counts an event of the control plane. */
export function countCoordinateEvent(instruments: Instruments, event: CoordinateEvent): void {
  const { counters, histograms } = instruments;
  switch (event.type) {
    case "lock-acquired":
      counters.lock_acquisitions_total.inc();
      break;
    case "lock-acquisition-failed":
      counters.lock_acquisition_failures_total.inc({ reason: event.reason });
      break;
    case "locks-refreshed":
      counters.lock_refreshes_total.inc(event.streams.length);
      break;
    case "lock-released":
      counters.locks_released_total.inc();
      histograms.lock_hold_duration_seconds.observe(event.heldMs / 1000);
      if (event.reason === "handed-over") {
        histograms.lock_handover_seconds.observe(event.drainMs / 1000);
      }
      break;
    case "lock-release-failed":
      histograms.lock_hold_duration_seconds.observe(event.heldMs / 1000);
      break;
    case "lock-lost":
      counters.locks_lost_total.inc();
      histograms.lock_hold_duration_seconds.observe(event.heldMs / 1000);
      break;
    default:
      // The rest is for the log.
  }
}
