import type { Clock } from "../support/clock.ts";
import type { Random } from "../support/random.ts";
import { type Fleet, POLL_OFTEN } from "./fleet.ts";
import { createMemoryFleet } from "./memory/memory_fleet.ts";
import { createObjectFleet } from "./objects/object_fleet.ts";
import { freeTiming, SparingPoll, sparingTiming } from "./objects/object_polling.ts";
import type { SharedObjects } from "./objects/shared_objects.ts";
import type { RedisCaller } from "./redis/redis_caller.ts";
import { createRedisFleet } from "./redis/redis_fleet.ts";

/** Where a fleet meets. */
export type MeetingPlace =
  /** One instance, alone. */
  | { readonly kind: "memory" }
  /** Objects of the lake. Where requests cost money, they are as rare as `refreshMs` allows. */
  | {
    readonly kind: "objects";
    readonly objects: SharedObjects;
    readonly refreshMs: number;
    readonly areFree: boolean;
    /** For who looks once, for a person: what is older than it lives is not shown. Default: false. */
    readonly showsByAge?: boolean;
    /** Whether an owner is surely no more. Default: nobody can tell. */
    readonly hasEnded?: (owner: string) => Promise<boolean>;
  }
  /** `prefix` is `{KEY:PIPELINE}`, braces included. */
  | { readonly kind: "redis"; readonly redis: RedisCaller; readonly prefix: string };

/** Opens nothing yet: the first call does. */
export function openFleet(place: MeetingPlace, clock: Clock, random: Random): Fleet {
  switch (place.kind) {
    case "memory":
      return createMemoryFleet(clock);
    case "objects": {
      const { objects, refreshMs, showsByAge = false, hasEnded } = place;
      const known = { showsByAge, ...(hasEnded === undefined ? {} : { hasEnded }) };
      if (place.areFree) {
        const timing = freeTiming(refreshMs);
        return createObjectFleet({
          ...{ objects, timing, clock, random, poll: POLL_OFTEN },
          ...known,
        });
      }
      const poll = new SparingPoll(refreshMs, clock);
      const fleet = { objects, timing: sparingTiming(refreshMs), clock, random, poll, ...known };
      return createObjectFleet(fleet, (changes) => poll.see(changes));
    }
    case "redis":
      return createRedisFleet(place.redis, place.prefix);
  }
}
