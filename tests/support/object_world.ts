import { type Fleet, POLL_OFTEN } from "../../src/coordinate/fleet.ts";
import type { Member } from "../../src/coordinate/members.ts";
import { createObjectFleet } from "../../src/coordinate/objects/object_fleet.ts";
import { sparingTiming } from "../../src/coordinate/objects/object_polling.ts";
import { NEVER_OLD } from "./fleets.ts";
import { memorySharedObjects } from "./memory_shared_objects.ts";
import { SeededRandom } from "./seeded_random.ts";
import { VirtualClock } from "./virtual_clock.ts";
import { WatchedObjects } from "./watched_objects.ts";

export const TTL_MS = 30_000;
export const REFRESH_MS = 10_000;

/** A fleet's objects, and instances that reach them each in its own way. */
export class ObjectWorld {
  readonly clock = new VirtualClock();
  readonly random = new SeededRandom(7);
  readonly objects = memorySharedObjects();
  /** Owners of whom it is known that they have ended. */
  readonly ended = new Set<string>();

  /** One more instance; `sparing`: it asks as rarely as in a bucket. */
  join(sparing = false): { readonly fleet: Fleet; readonly objects: WatchedObjects } {
    const objects = new WatchedObjects(this.objects);
    const { clock, random } = this;
    const timing = sparing ? sparingTiming(REFRESH_MS) : NEVER_OLD;
    return {
      objects,
      fleet: createObjectFleet({
        ...{ objects, timing, clock, random, poll: POLL_OFTEN },
        hasEnded: (owner) => Promise.resolve(this.ended.has(owner)),
      }),
    };
  }

  /** The outcome, with time moved on as far as it needs. */
  do<T>(work: Promise<T>): Promise<T> {
    return this.clock.finish(work);
  }

  /** Lets time pass in which each of these looks around every two seconds. */
  async pass(ms: number, ...looking: readonly Fleet[]): Promise<void> {
    const endMs = this.clock.monotonicMs() + ms;
    while (this.clock.monotonicMs() < endMs) {
      await this.clock.advance(Math.min(2000, endMs - this.clock.monotonicMs()));
      for (const fleet of looking) await this.do(fleet.members.list().catch(() => []));
    }
  }
}

export function memberOf(owner: string, more: Partial<Member> = {}): Member {
  return {
    ...{ owner, instance: `${owner}'s name`, version: "1.0.0", since: "2026-11-21T00:00:00.000Z" },
    ...{ streams: [], failed: 0, isLeaving: false, ...more },
  };
}

export function holderOf(owner: string) {
  return { owner, instance: `${owner}'s name`, since: "2026-11-21T00:00:00.000Z" };
}
