import type { Clock } from "../support/clock.ts";
import type { ChangeCounter } from "./change_counter.ts";
import type { LeaseClaim, LeaseHolder, LeaseStore } from "./lease_store.ts";

interface Entry {
  readonly holder: LeaseHolder;
  readonly generation: number;
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
      if (current !== undefined && current.holder.owner !== holder.owner) {
        return Promise.resolve(undefined);
      }
      const generation = (generations.get(stream) ?? 0) + 1;
      generations.set(stream, generation);
      entries.set(stream, { holder, generation, endMs: clock.monotonicMs() + ttlMs });
      return Promise.resolve(generation);
    },
    refresh(stream, claim, ttlMs) {
      const current = held(stream);
      if (current === undefined) return Promise.resolve("gone");
      if (!isClaimed(current, claim)) return Promise.resolve("taken");
      entries.set(stream, { ...current, endMs: clock.monotonicMs() + ttlMs });
      return Promise.resolve("refreshed");
    },
    release(stream, claim) {
      const current = held(stream);
      const isOurs = current !== undefined && isClaimed(current, claim);
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
      const all = [...entries].flatMap(([stream, { holder, generation, endMs }]) =>
        endMs > nowMs ? [{ stream, ...holder, generation, leftMs: endMs - nowMs }] : []
      );
      return Promise.resolve(all.sort((a, b) => a.stream < b.stream ? -1 : 1));
    },
  };
}

function isClaimed(entry: Entry, claim: LeaseClaim): boolean {
  const { owner, since } = entry.holder;
  return owner === claim.owner && entry.generation === claim.generation && since === claim.since;
}
