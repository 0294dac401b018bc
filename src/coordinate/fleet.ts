import { join } from "node:path";
import type { Clock } from "../support/clock.ts";
import type { Random } from "../support/random.ts";
import { ChangeCounter } from "./change_counter.ts";
import { createFileChanges } from "./file_changes.ts";
import { createFileLeaseStore } from "./file_leases.ts";
import { createFileMembers } from "./file_members.ts";
import type { LeaseStore } from "./lease_store.ts";
import type { Members } from "./members.ts";
import { createMemoryLeaseStore } from "./memory_lease_store.ts";
import { createMemoryMembers } from "./memory_members.ts";
import type { RedisCaller } from "./redis_caller.ts";
import { createRedisLeaseStore } from "./redis_leases.ts";
import { createRedisMembers } from "./redis_members.ts";

/** What the instances of a pipeline share: who is there, and who runs what. */
export interface Fleet {
  readonly leases: LeaseStore;
  readonly members: Members;
  /** Whether anybody else can be there: then leases expire, and news are asked for. */
  readonly isShared: boolean;
}

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
    case "memory": {
      const changes = new ChangeCounter();
      const leases = createMemoryLeaseStore(clock, changes);
      return { leases, members: createMemoryMembers(clock, changes), isShared: false };
    }
    case "file": {
      const { folder } = place;
      const changes = createFileChanges(folder, random);
      const leases = createFileLeaseStore(join(folder, "leases"), { clock, random, changes });
      const members = createFileMembers(join(folder, "members"), clock, changes);
      return { leases, members, isShared: true };
    }
    case "redis": {
      const { redis, prefix } = place;
      const leases = createRedisLeaseStore(redis, prefix);
      return { leases, members: createRedisMembers(redis, prefix), isShared: true };
    }
  }
}
