import { fleetKeys, type RedisCaller } from "./redis_caller.ts";

/** Which streams are told to pause, by key; all instances see the same. */
export interface Pauses {
  list(): Promise<ReadonlySet<string>>;
  pause(streamKey: string): Promise<void>;
  resume(streamKey: string): Promise<void>;
}

/** Pauses of this process alone, gone with it. */
export function createMemoryPauses(): Pauses {
  const paused = new Set<string>();
  return {
    list: () => Promise.resolve(new Set(paused)),
    pause: (key) => Promise.resolve(void paused.add(key)),
    resume: (key) => Promise.resolve(void paused.delete(key)),
  };
}

/** Pauses in a Redis set, which outlive instances. `prefix` is `{KEY:PIPELINE}`, braces included. */
export function createRedisPauses(redis: RedisCaller, prefix: string): Pauses {
  const { paused, changes } = fleetKeys(prefix);
  const change = async (command: string, key: string): Promise<void> => {
    await redis.call(command, paused, key);
    // Instances look at once where this number has grown.
    await redis.call("INCR", changes);
  };
  return {
    list: async () => new Set((await redis.call("SMEMBERS", paused) as unknown[]).map(String)),
    pause: (key) => change("SADD", key),
    resume: (key) => change("SREM", key),
  };
}
