import type { RunningStream, StartStream } from "../coordinate/held_stream.ts";
import type { Rivals } from "../coordinate/rivals.ts";
import { PermanentError } from "../model/errors.ts";
import { type Stream, streamName } from "../model/stream.ts";
import type { StreamContext } from "../pipeline/stream_context.ts";
import type { StreamSetup } from "../pipeline/stream_setup.ts";
import { type SupervisedStream, superviseStream } from "../pipeline/supervise_stream.ts";
import type { Clock } from "../support/clock.ts";
import type { PipelineObserver } from "./pipeline_observer.ts";
import type { RunningStreams } from "./stream_orders.ts";

export interface StarterOptions {
  readonly parts: Omit<Parameters<StreamSetup["contextOf"]>[0], "stream" | "key" | "observe">;
  readonly setup: StreamSetup;
  readonly rivals: Rivals;
  readonly running: RunningStreams;
  readonly streamOf: (key: string) => Stream;
  readonly observer: Pick<PipelineObserver, "stream" | "leased">;
  /** A loop that has not turned for so long hangs. */
  readonly silentMsMax: number;
  /** Called when a stream has ended for good, or must be left to another instance. */
  readonly lookAgain: () => void;
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
    const stream = options.streamOf(key);
    const name = streamName(stream);
    const observe: StreamContext["observe"] = (event) => observer.stream({ key, name }, event);
    const contextNow = () => setup.contextOf({ ...parts, stream, key, observe, rivalOf });
    const supervised = superviseStream(contextNow, lease, stop, (condition) => {
      onChange();
      // The next layout's streams may begin when the last one of this has ended.
      if (condition === "closed") lookAgain();
    });
    running.set(key, { name, supervised });
    void supervised.ended.then(() => {
      if (running.get(key)?.supervised === supervised) running.delete(key);
    });
    return runningStream(supervised, options.silentMsMax, parts.clock);
  };
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
