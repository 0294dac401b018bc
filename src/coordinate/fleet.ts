import { join } from "node:path";
import type { Clock } from "../support/clock.ts";
import type { Random } from "../support/random.ts";
import { ChangeCounter } from "./memory/change_counter.ts";
import { createFileChanges } from "./file/file_changes.ts";
import { createFileLeaseStore } from "./file/file_leases.ts";
import { createFileMembers } from "./file/file_members.ts";
import { createFileNews } from "./file/file_news.ts";
import { createFileOrders } from "./file/file_orders.ts";
import type { LeaseStore } from "./lease/lease_store.ts";
import type { Members } from "./members.ts";
import { createMemoryLeaseStore } from "./memory/memory_lease_store.ts";
import { createMemoryMembers } from "./memory/memory_members.ts";
import { createMemoryNews } from "./memory/memory_news.ts";
import { createMemoryOrders } from "./memory/memory_orders.ts";
import type { News } from "./news.ts";
import type { Orders } from "./orders.ts";
import type { RedisCaller } from "./redis/redis_caller.ts";
import { createRedisLeaseStore } from "./redis/redis_leases.ts";
import { createRedisMembers } from "./redis/redis_members.ts";
import { createRedisNews } from "./redis/redis_news.ts";
import { createRedisOrders } from "./redis/redis_orders.ts";

/** What the instances of a pipeline share: who is there, who runs what, what is told of it and what is wanted. */
export interface Fleet {
  readonly leases: LeaseStore;
  readonly members: Members;
  readonly news: News;
  readonly orders: Orders;
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
      return {
        leases: createMemoryLeaseStore(clock, changes),
        members: createMemoryMembers(clock, changes),
        news: createMemoryNews(clock),
        orders: createMemoryOrders(changes),
        isShared: false,
      };
    }
    case "file": {
      const { folder } = place;
      const changes = createFileChanges(folder, random);
      return {
        leases: createFileLeaseStore(join(folder, "leases"), { clock, random, changes }),
        members: createFileMembers(join(folder, "members"), clock, changes),
        news: createFileNews(join(folder, "news"), clock),
        orders: createFileOrders(join(folder, "orders"), { clock, random, changes }),
        isShared: true,
      };
    }
    case "redis": {
      const { redis, prefix } = place;
      return {
        leases: createRedisLeaseStore(redis, prefix),
        members: createRedisMembers(redis, prefix),
        news: createRedisNews(redis, prefix),
        orders: createRedisOrders(redis, prefix),
        isShared: true,
      };
    }
  }
}
