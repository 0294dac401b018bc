import { streamName } from "../model/stream.ts";
import { logCoverageEvent } from "../observe/log/coverage_log.ts";
import { logReadingEvent } from "../observe/log/reading_log.ts";
import { logSnapshotEvent } from "../observe/log/snapshot_log.ts";
import { EventLog } from "../observe/log/event_log.ts";
import { RepeatedWarning } from "../observe/log/repeated_warning.ts";
import type { Monitor } from "../observe/monitor.ts";
import type { Tracing } from "../observe/trace/tracing.ts";
import type { Clock } from "../support/clock.ts";
import type { Log } from "../support/log.ts";
import type { Config } from "../config/config.ts";
import type { PipelineObserver } from "./pipeline_observer.ts";
import { unsharedLakeWarning } from "./unshared_lake.ts";

/** Who watches beside the log; they are opened when the pipeline is composed, and before it does anything. */
export interface Watchers {
  monitor?: Monitor;
  tracing?: Tracing;
}

/**
 * Passes what happens on to the log and to those who watch. `partitions`: the setting. `inOrder` is the log for those who
 * say that faults are over: what failed before is said before.
 */
export function observePipeline(
  { log, clock }: { readonly log: Log; readonly clock: Clock },
  { instanceName, partitions, lock }: Pick<Config, "instanceName" | "partitions" | "lock">,
  watchers: Watchers,
): PipelineObserver & Disposable & { readonly inOrder: Log } {
  const events = new EventLog(log, clock, instanceName);
  const lookFails = new RepeatedWarning(log, clock, "Streams could not be looked up");
  const snapshotLookFails = new RepeatedWarning(
    log,
    clock,
    "It could not be looked what there is to read of documents that were there before",
  );
  const watchFails = new RepeatedWarning(
    log,
    clock,
    "What becomes of collections could not be read",
  );
  const warnUnshared = unsharedLakeWarning(log, lock.kind, clock);
  return {
    inOrder: events.inOrder,
    [Symbol.dispose]: () => events[Symbol.dispose](),
    stream(stream, event) {
      watchers.monitor?.pipelineEvent(stream, event);
      events.pipeline(stream, event);
      warnUnshared(stream.name, event);
      watchers.tracing?.pipelineEvent(stream, event);
    },
    coordinate(event) {
      watchers.monitor?.coordinateEvent(event);
      events.coordinate(event);
    },
    coverage: (event) => {
      if (event.type === "watch-failed") watchFails.warn(event.error);
      else logCoverageEvent(log, event);
    },
    layoutDiffers(collection, of) {
      const stream = streamName(collection);
      if (of === 0) {
        return log.warn("A retired collection is in the settings: nothing of it is streamed", {
          stream,
          change: "take it out of the settings, or use another prefix",
        });
      }
      log.warn("PARTITIONS differs from the layout in force, which stays", {
        stream,
        partitions: of,
        change:
          `tributary layout set ${collection.database}.${collection.collection} ${partitions}`,
      });
    },
    snapshot: (event) => logSnapshotEvent(log, event),
    reading(event) {
      watchers.monitor?.readingEvent(event);
      logReadingEvent(log, event);
    },
    lookFailed: (error) => lookFails.warn(error),
    snapshotLookFailed: (error) => snapshotLookFails.warn(error),
  };
}
