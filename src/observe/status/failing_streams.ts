import type { Clock } from "../../support/clock.ts";
import type { DependencyWatch } from "./dependency_watch.ts";
import { AWAY_MS_MAX } from "./health.ts";
import type { StreamBoard, StreamFacts } from "./stream_board.ts";

export interface FailingStreams {
  /** A person must do something. */
  readonly permanent: number;
  /** It may pass by itself. */
  readonly passing: number;
}

/**
 * How many streams of this instance fail now. Requests to a destination are repeated for minutes before a stream gives up;
 * one that holds events meanwhile fails all the same.
 */
export function failingStreams({ board, dependencies, clock }: {
  readonly board: Pick<StreamBoard, "streams">;
  readonly dependencies: Pick<DependencyWatch, "facts">;
  readonly clock: Clock;
}): FailingStreams {
  const { streams } = board;
  const store = dependencies.facts.get("destination");
  const isAway = store?.state === "unhealthy";
  const refuses = isAway && store.refuses;
  const isLong = isAway && clock.wallMs() - store.sinceMs > AWAY_MS_MAX;
  const holds = ({ condition, bufferedEvents }: StreamFacts) =>
    condition === "running" && bufferedEvents > 0;
  const count = (is: (facts: StreamFacts) => boolean) => streams.filter(is).length;
  return {
    permanent: count((facts) => facts.condition === "failed" || refuses && holds(facts)),
    passing: count((facts) => facts.condition === "waiting" || !refuses && isLong && holds(facts)),
  };
}
