import type { ChangeCounter } from "./change_counter.ts";
import type { Orders } from "../orders.ts";

/** Orders to streams of this process alone, gone with it. */
export function createMemoryOrders(changes: ChangeCounter): Orders {
  const paused = new Set<string>();
  const flushes = new Set<string>();
  const change = (action: () => void): Promise<void> => {
    action();
    changes.increment();
    return Promise.resolve();
  };
  return {
    paused: () => Promise.resolve(new Set(paused)),
    pause: (key) => change(() => paused.add(key)),
    resume: (key) => change(() => paused.delete(key)),
    flush: (key) => change(() => flushes.add(key)),
    note: (key) => change(() => flushes.add(key)),
    notes: () => Promise.resolve(new Set(flushes)),
    takeFlushes: (keys) => Promise.resolve(keys.filter((key) => flushes.delete(key))),
  };
}
