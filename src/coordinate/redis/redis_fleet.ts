import { type Fleet, POLL_OFTEN } from "../fleet.ts";
import { fleetKeys, type RedisCaller } from "./redis_caller.ts";
import { createRedisLeaseStore } from "./redis_leases.ts";
import { createRedisMembers } from "./redis_members.ts";
import { createRedisNews } from "./redis_news.ts";
import { createRedisOrders } from "./redis_orders.ts";

/**
 * A fleet that meets in Redis.
 *
 * @param prefix `{KEY:PIPELINE}`, braces included
 */
export function createRedisFleet(redis: RedisCaller, prefix: string): Fleet {
  const { changes } = fleetKeys(prefix);
  return {
    leases: createRedisLeaseStore(redis, prefix),
    members: createRedisMembers(redis, prefix),
    news: createRedisNews(redis, prefix),
    orders: createRedisOrders(redis, prefix),
    changes: async () => String(await redis.call("GET", changes)),
    isShared: true,
    poll: POLL_OFTEN,
  };
}
