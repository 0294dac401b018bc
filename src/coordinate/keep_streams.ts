import type { Clock } from "../support/clock.ts";
import { Wake } from "../support/wake.ts";
import type { HeldLease, Leases } from "./memory_leases.ts";

/** A stream that runs under a lease, as far as the control plane looks at it. */
export interface RunningStream {
  readonly condition: "opening" | "running" | "waiting" | "failed" | "stopped" | "closed";
  /** Resolves after the stop, when the stream has let go of everything. Never rejects. */
  readonly ended: Promise<void>;
}

export interface KeepStreamsOptions {
  /** The keys of the streams to run; they may change while it runs. */
  readonly keys: () => Iterable<string>;
  /** Called when a stream has ended for good, before `keys` is asked again. */
  readonly closed: () => Promise<void>;
  readonly leases: Leases;
  /** Starts a stream; `changed` is to be called when its condition changes. */
  readonly start: (
    key: string,
    lease: HeldLease,
    stop: AbortSignal,
    changed: () => void,
  ) => RunningStream;
  /** How soon a lease that somebody else holds is asked for again. */
  readonly retryMs: number;
  readonly clock: Clock;
}

interface Held {
  readonly lease: HeldLease;
  readonly stream: RunningStream;
}

/** Everything stopped: on demand, or because no stream can run. */
export type KeepOutcome = "stopped" | "all-failed";

/**
 * Runs all streams that can be had, until `stop`. A stream that fails does not touch the others; only when every
 * stream has failed in a way that will not pass by itself is there nothing left to do.
 */
export async function keepStreams(
  options: KeepStreamsOptions,
  stop: AbortSignal,
): Promise<KeepOutcome> {
  const wake = new Wake(options.clock);
  const ring = () => wake.ring();
  const own = new AbortController();
  const held = new Map<string, Held>();
  stop.addEventListener("abort", ring);
  try {
    while (!stop.aborted) {
      await dropClosed(options, held);
      await takeFree(options, held, own.signal, ring);
      if (allFailed([...options.keys()], held)) return "all-failed";
      await wake.wait(options.retryMs);
    }
    return "stopped";
  } finally {
    stop.removeEventListener("abort", ring);
    own.abort();
    await Promise.all([...held.values()].map(({ lease, stream }) => letGo(lease, stream)));
  }
}

async function dropClosed(options: KeepStreamsOptions, held: Map<string, Held>): Promise<void> {
  const closed = [...held].filter(([, { stream }]) => stream.condition === "closed");
  if (closed.length === 0) return;
  for (const [key, { lease, stream }] of closed) {
    await letGo(lease, stream);
    held.delete(key);
  }
  await options.closed();
}

async function takeFree(
  options: KeepStreamsOptions,
  held: Map<string, Held>,
  stop: AbortSignal,
  ring: () => void,
): Promise<void> {
  for (const key of options.keys()) {
    if (held.has(key)) continue;
    const lease = await options.leases.acquire(key);
    if (lease === undefined) continue;
    held.set(key, { lease, stream: options.start(key, lease, stop, ring) });
  }
}

async function letGo(lease: HeldLease, stream: RunningStream): Promise<void> {
  await stream.ended;
  await lease.release();
}

function allFailed(keys: readonly string[], held: ReadonlyMap<string, Held>): boolean {
  return keys.length > 0 && keys.every((key) => held.get(key)?.stream.condition === "failed");
}
