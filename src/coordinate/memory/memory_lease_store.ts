import type { Clock } from "../../support/clock.ts";
import type { ChangeCounter } from "./change_counter.ts";
import {
  isSameClaim,
  type LeaseClaim,
  type LeaseHolder,
  type LeaseStore,
} from "../lease/lease_store.ts";

interface Entry extends LeaseHolder, LeaseClaim {
  readonly endMs: number;
}

/**
 * Leases for the instances of one process. Nobody outside is asked; generations begin at 1 with the process.
 *
 * @param clock by which leases expire
 */
export function createMemoryLeaseStore(clock: Clock, changes: ChangeCounter): LeaseStore {
  const generations = new Map<string, number>();
  const entries = new Map<string, Entry>();
  const held = (stream: string): Entry | undefined => {
    const entry = entries.get(stream);
    return entry !== undefined && entry.endMs > clock.monotonicMs() ? entry : undefined;
  };
  const end = (stream: string): void => {
    entries.delete(stream);
    changes.increment();
  };
  return {
    take(stream, holder, ttlMs) {
      const current = held(stream);
      if (current !== undefined && current.owner !== holder.owner) {
        return Promise.resolve(undefined);
      }
      const generation = (generations.get(stream) ?? 0) + 1;
      generations.set(stream, generation);
      entries.set(stream, { ...holder, generation, endMs: clock.monotonicMs() + ttlMs });
      return Promise.resolve(generation);
    },
    refresh(stream, claim, ttlMs) {
      const current = held(stream);
      if (current === undefined) return Promise.resolve("gone");
      if (!isSameClaim(current, claim)) return Promise.resolve("taken");
      entries.set(stream, { ...current, endMs: clock.monotonicMs() + ttlMs });
      return Promise.resolve("refreshed");
    },
    release(stream, claim) {
      const current = held(stream);
      const isOurs = current !== undefined && isSameClaim(current, claim);
      if (isOurs) end(stream);
      return Promise.resolve(isOurs);
    },
    releaseAny(stream) {
      const isHeld = held(stream) !== undefined;
      if (isHeld) end(stream);
      return Promise.resolve(isHeld);
    },
    list() {
      const nowMs = clock.monotonicMs();
      const all = [...entries].flatMap(([stream, { endMs, ...lease }]) =>
        endMs > nowMs ? [{ stream, ...lease, leftMs: endMs - nowMs }] : []
      );
      return Promise.resolve(all.sort((a, b) => a.stream < b.stream ? -1 : 1));
    },
  };
}
