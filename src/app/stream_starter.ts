import type { RunningStream, StartStream } from "../coordinate/lease/held_stream.ts";
import type { Rivals } from "../coordinate/rivals.ts";
import { PermanentError } from "../model/errors.ts";
import { rangeName, type RangeToRun } from "../model/snapshot.ts";
import { type Stream, streamName } from "../model/stream.ts";
import type { DocumentSource } from "../pipeline/documents.ts";
import type { Budget } from "../pipeline/read/memory_budget.ts";
import { RANGE_FORMAT } from "../pipeline/record/record_format.ts";
import type { StreamContext } from "../pipeline/stream_context.ts";
import type { StreamSetup } from "../pipeline/run/stream_setup.ts";
import { type SupervisedStream, superviseStream } from "../pipeline/run/supervise_stream.ts";
import type { Clock } from "../support/clock.ts";
import type { PipelineObserver } from "./pipeline_observer.ts";
import type { RunningStreams } from "./stream_orders.ts";

export interface StarterOptions {
  readonly parts: Omit<Parameters<StreamSetup["contextOf"]>[0], "stream" | "key" | "observe">;
  /** Left out where no snapshots are taken. */
  readonly ranges: RangeTools | undefined;
  readonly setup: StreamSetup;
  readonly rivals: Rivals;
  readonly running: RunningStreams;
  /** Called when the journal of a stream has begun. */
  readonly begun?: () => void;
  readonly streamOf: (key: string) => Stream;
  readonly observer: Pick<PipelineObserver, "stream" | "leased">;
  /** A loop that has not turned for so long hangs. */
  readonly silentMsMax: number;
  /** Called when a stream has ended for good, or must be left to another instance. */
  readonly lookAgain: () => void;
}

export interface RangeTools {
  readonly documents: DocumentSource;
  /** Of the memory, what streams leave. */
  readonly budget: Budget;
  /** The range of a snapshot with this key. */
  readonly rangeOf: (key: string) => RangeToRun | undefined;
  /** Called when one is closed. */
  readonly closed: (key: string) => void;
}

/** Starts streams for the control plane. */
export function streamStarter(options: StarterOptions): StartStream {
  const { parts, setup, rivals, running, observer, lookAgain } = options;
  const rivalOf = async (key: string): Promise<string | undefined> => {
    const rival = await rivals.ask(key);
    // The stream is to be left to the other at once, not at the next look.
    if (rival !== undefined) lookAgain();
    return rival;
  };
  return (key, lease, stop, onChange) => {
    observer.leased?.(key, lease);
    const range = options.ranges?.rangeOf(key);
    const stream = range === undefined ? options.streamOf(key) : range.plan.stream;
    const name = range === undefined ? streamName(stream) : rangeName(key);
    const observe: StreamContext["observe"] = (event) => {
      observer.stream({ key, name }, event);
      if (event.type === "genesis-written") options.begun?.();
    };
    const own = range === undefined ? { ...parts, rivalOf } : {
      ...{ ...withoutLosses(parts), range, recordFormat: RANGE_FORMAT },
      ...{ documents: options.ranges!.documents, budget: options.ranges!.budget },
    };
    const contextNow = () => setup.contextOf({ ...own, stream, key, observe });
    const supervised = superviseStream(contextNow, lease, stop, (condition) => {
      onChange();
      // The next layout's streams may begin when the last one of this has ended.
      if (condition !== "closed") return;
      if (range === undefined) lookAgain();
      else options.ranges!.closed(key);
    });
    running.set(key, { name, supervised });
    void supervised.ended.then(() => {
      if (running.get(key)?.supervised === supervised) running.delete(key);
    });
    return runningStream(supervised, options.silentMsMax, parts.clock);
  };
}

/** What is lost of a snapshot's range is read again. */
function withoutLosses({ losses: _, ...parts }: StarterOptions["parts"]): StarterOptions["parts"] {
  return parts;
}

/** A stream as the control plane sees it. Its loop turns again and again, unless it hangs. */
function runningStream(
  supervised: SupervisedStream,
  silentMsMax: number,
  clock: Clock,
): RunningStream {
  return {
    get condition() {
      return supervised.condition;
    },
    get needsConfiguration() {
      const { condition, error } = supervised;
      return condition === "failed" && error instanceof PermanentError &&
        error.mend === "configuration";
    },
    ended: supervised.ended,
    isAlive() {
      const { run } = supervised;
      return run === undefined || clock.monotonicMs() - run.lastTurnMs <= silentMsMax;
    },
  };
}
