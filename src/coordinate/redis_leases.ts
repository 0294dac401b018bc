import type { LeaseClaim, LeaseInfo, LeaseStore } from "./lease_store.ts";
import { fleetKeys, type RedisCaller } from "./redis_caller.ts";
import { ACQUIRE, LOOK, REFRESH, RELEASE } from "./redis_lease_scripts.ts";

/** Locks that one script looks at: it keeps the server from all else as long as it runs. */
const LOOKED_AT_MAX = 500;

/**
 * Leases in Redis, where `redis-cli GET '{KEY:PIPELINE}:lock:STREAM'` shows the holder and `PTTL` the time it has left.
 *
 * Redis may forget (a failover, `FLUSHALL`): two instances can then hold a lease for as long as the first needs to
 * notice, and generations may begin again. The journal keeps both from doing harm.
 *
 * @param prefix `{KEY:PIPELINE}`, braces included
 */
export function createRedisLeaseStore(redis: RedisCaller, prefix: string): LeaseStore {
  const keys = fleetKeys(prefix);
  return {
    async take(stream, { owner, instance, since }, ttlMs) {
      const { lock, generation, locks } = keys;
      const rest = `,${JSON.stringify({ instance, stream, since }).slice(1)}`;
      const lockKeys = [lock(stream), generation(stream), locks];
      const args = [beginning(owner), rest, Math.ceil(ttlMs), stream];
      const taken = Number(await redis.call("EVAL", ACQUIRE, 3, ...lockKeys, ...args));
      return taken === 0 ? undefined : taken;
    },
    async refresh(stream, claim, ttlMs) {
      const args = [claimed(claim), Math.ceil(ttlMs)];
      const answer = Number(await redis.call("EVAL", REFRESH, 1, keys.lock(stream), ...args));
      return answer === 1 ? "refreshed" : answer === 0 ? "gone" : "taken";
    },
    async release(stream, claim) {
      const lockKeys = [keys.lock(stream), keys.changes];
      return Number(await redis.call("EVAL", RELEASE, 2, ...lockKeys, claimed(claim))) === 1;
    },
    async releaseAny(stream) {
      const lockKeys = [keys.lock(stream), keys.changes];
      return Number(await redis.call("EVAL", RELEASE, 2, ...lockKeys, "")) === 1;
    },
    async list() {
      const streams = (await redis.call("SMEMBERS", keys.locks) as string[]).sort();
      const found: LeaseInfo[] = [];
      for (let at = 0; at < streams.length; at += LOOKED_AT_MAX) {
        const some = streams.slice(at, at + LOOKED_AT_MAX);
        found.push(...await look(redis, some, keys.lock));
      }
      return found;
    },
  };
}

function beginning(owner: string): string {
  return `{"owner":${JSON.stringify(owner)},`;
}

function claimed({ owner, generation }: LeaseClaim): string {
  return `${beginning(owner)}"generation":${generation},`;
}

async function look(
  redis: RedisCaller,
  streams: readonly string[],
  lock: (streamKey: string) => string,
): Promise<LeaseInfo[]> {
  const answer = await redis.call("EVAL", LOOK, streams.length, ...streams.map(lock));
  const flat = answer as (string | null | number)[];
  return streams.flatMap((stream, i) => {
    const value = flat[2 * i];
    if (typeof value !== "string") return [];
    const leftMs = Number(flat[2 * i + 1]);
    // A key without an expiry (-1) is nothing that we have written; it blocks the stream all the same.
    return [{ ...readValue(value), stream, leftMs: leftMs < 0 ? Infinity : leftMs }];
  });
}

/** What a person has set by hand is shown as its owner. */
function readValue(value: string): Omit<LeaseInfo, "stream" | "leftMs"> {
  try {
    const { owner, generation, instance, since } = JSON.parse(value);
    if (typeof owner === "string" && typeof generation === "number") {
      return { owner, generation, instance: String(instance), since: String(since) };
    }
  } catch {
    // Not JSON: not ours.
  }
  return { owner: value, generation: 0, instance: value, since: "" };
}
