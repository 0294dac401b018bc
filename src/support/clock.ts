/**
 * Time as the program sees it. The only file that touches the platform's clocks and timers: everything else is given a
 * `Clock`, so that a simulation can own time.
 */
export interface Clock {
  /** Milliseconds on a clock that never goes back; only differences mean something. */
  monotonicMs(): number;
  /** Milliseconds since 1970 UTC. May jump. */
  wallMs(): number;
  /** Calls `action` once, after `delayMs`. */
  after(delayMs: number, action: () => void): Timer;
}

export interface Timer {
  /** Idempotent; does nothing once the action has run. */
  cancel(): void;
}

/** The platform's clock. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  after(delayMs, action) {
    if (delayMs <= TIMER_MS_MAX) {
      const timer = setTimeout(action, Math.max(0, delayMs));
      return { cancel: () => clearTimeout(timer) };
    }
    let id: ReturnType<typeof setTimeout>;
    const arm = (leftMs: number) => {
      const rest = leftMs - TIMER_MS_MAX;
      id = rest > 0
        ? setTimeout(() => arm(rest), TIMER_MS_MAX)
        : setTimeout(action, Math.max(0, leftMs));
    };
    arm(delayMs);
    return { cancel: () => clearTimeout(id) };
  },
};

/** Longer timers overflow the platform's 32 bits and would fire at once; they are made of several. */
const TIMER_MS_MAX = 0x7fffffff;

/**
 * Waits. Rejects with the signal's reason as soon as it is aborted.
 */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = clock.after(delayMs, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/**
 * The promise's value, or a rejection with `onTimeout()` if it takes longer. The work itself is not stopped.
 */
export async function withTimeout<T>(
  clock: Clock,
  delayMs: number,
  promise: Promise<T>,
  onTimeout: () => Error,
): Promise<T> {
  let timer: Timer | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = clock.after(delayMs, () => reject(onTimeout()));
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    timer?.cancel();
  }
}

/** A wall clock reading as ISO 8601 in UTC, for logs and records. */
export function isoTime(wallMs: number): string {
  return new Date(wallMs).toISOString();
}
