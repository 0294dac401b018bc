import { FLUSH_MS, type Orders } from "../orders.ts";
import { fleetKeys, type RedisCaller } from "./redis_caller.ts";

/**
 * Orders in Redis, which outlive instances: the sets `{KEY:PIPELINE}:paused` and `{KEY:PIPELINE}:flushes` of stream keys.
 *
 * @param prefix `{KEY:PIPELINE}`, braces included
 */
export function createRedisOrders(redis: RedisCaller, prefix: string): Orders {
  const { paused, flushes, changes } = fleetKeys(prefix);
  const members = async (set: string) =>
    (await redis.call("SMEMBERS", set) as unknown[]).map(String);
  const change = async (command: string, key: string): Promise<void> => {
    await redis.call(command, paused, key);
    // Instances look at once where this number has grown.
    await redis.call("INCR", changes);
  };
  const flush = async (key: string): Promise<void> => {
    await redis.call("EVAL", FLUSH, 2, flushes, changes, key, FLUSH_MS);
  };
  return {
    paused: async () => new Set(await members(paused)),
    pause: (key) => change("SADD", key),
    resume: (key) => change("SREM", key),
    flush,
    note: flush,
    notes: async () => new Set(await members(flushes)),
    async takeFlushes(keys) {
      const taken: string[] = [];
      for (const key of await members(flushes)) {
        if (keys.includes(key) && await redis.call("SREM", flushes, key) === 1) taken.push(key);
      }
      return taken;
    },
  };
}

/** KEYS: set of streams to flush, number of changes. ARGV: stream, milliseconds that the set lives on. */
export const FLUSH = `
redis.call('SADD', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('INCR', KEYS[2])
`;
