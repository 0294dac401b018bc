import type { Clock } from "../support/clock.ts";
import type { Random } from "../support/random.ts";
import { createFileFleet } from "./file/file_fleet.ts";
import type { Fleet } from "./fleet.ts";
import { createMemoryFleet } from "./memory/memory_fleet.ts";
import type { RedisCaller } from "./redis/redis_caller.ts";
import { createRedisFleet } from "./redis/redis_fleet.ts";

/** Where a fleet meets. */
export type MeetingPlace =
  /** One instance, alone. */
  | { readonly kind: "memory" }
  /** Processes that share a folder. */
  | { readonly kind: "file"; readonly folder: string }
  /** `prefix` is `{KEY:PIPELINE}`, braces included. */
  | { readonly kind: "redis"; readonly redis: RedisCaller; readonly prefix: string };

/** Opens nothing yet: the first call does. */
export function openFleet(place: MeetingPlace, clock: Clock, random: Random): Fleet {
  switch (place.kind) {
    case "memory":
      return createMemoryFleet(clock);
    case "file":
      return createFileFleet(place.folder, clock, random);
    case "redis":
      return createRedisFleet(place.redis, place.prefix);
  }
}
