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
  const store = dependencies.facts.get("destination");
  const isStoreAway = store?.state === "unhealthy";
  const refuses = isStoreAway && store.refuses;
  const isLong = isStoreAway && clock.wallMs() - store.sinceMs > AWAY_MS_MAX;
  const mongodb = dependencies.facts.get("mongodb");
  const isTriedInVain = refuses || mongodb?.state === "unhealthy" && mongodb.refuses;
  const holds = ({ condition, bufferedEvents }: StreamFacts) =>
    condition === "running" && bufferedEvents > 0;
  const count = (is: (facts: StreamFacts) => boolean) => board.streams.filter(is).length;
  // A try of what is refused takes seconds, and is no recovery.
  const isTried = ({ condition }: StreamFacts) =>
    condition === "opening" || condition === "waiting";
  return {
    permanent: count((facts) =>
      facts.condition === "failed" || refuses && holds(facts) || isTriedInVain && isTried(facts)
    ),
    passing: count((facts) =>
      !isTriedInVain && facts.condition === "waiting" || !refuses && isLong && holds(facts)
    ),
  };
}
