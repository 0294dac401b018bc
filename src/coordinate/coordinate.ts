import { Coordinator } from "./coordinator.ts";
import type { CoordinateEvent } from "./events.ts";
import type { Fleet } from "./fleet.ts";
import type { StartStream } from "./held_stream.ts";
import type { Clock } from "../support/clock.ts";
import type { Random } from "../support/random.ts";

export interface CoordinateOptions {
  readonly fleet: Fleet;
  readonly self: Self;
  /** The keys of the streams that exist now; `onStreamsChanged` tells when there are others. */
  readonly streams: () => readonly string[];
  readonly onStreamsChanged?: (listener: () => void) => void;
  readonly start: StartStream;
  readonly timing: Timing;
  readonly clock: Clock;
  readonly random: Random;
  readonly observe: (event: CoordinateEvent) => void;
}

/** This instance, as it tells the others. */
export interface Self {
  /** `{hostname}-{uuid}`, another one for each start. */
  readonly owner: string;
  readonly instance: string;
  readonly version: string;
  readonly address?: string;
}

export interface Timing {
  /** How long a lease, and a member, live without a refresh. */
  readonly ttlMs: number;
  /** Less than half of it. */
  readonly refreshMs: number;
  /** How often an instance looks around when nothing seems to happen, and how soon it tries a failed stream again. */
  readonly retryMs: number;
}

/** Everything stopped: on demand, or because no stream can run. */
export type CoordinateOutcome = "stopped" | "all-failed";

/**
 * Runs this instance's share of the streams until `stop`; then stores what was read, gives all leases back and leaves.
 * `all-failed`: every stream that exists has failed here in a way that will not pass by itself, so nothing runs.
 */
export async function coordinate(
  options: CoordinateOptions,
  stop: AbortSignal,
): Promise<CoordinateOutcome> {
  return await new Coordinator(options, stop).run();
}
