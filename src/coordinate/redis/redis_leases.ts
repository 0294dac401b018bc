import type { LeaseClaim, LeaseInfo, LeaseStore } from "../lease/lease_store.ts";
import { fleetKeys, type RedisCaller } from "./redis_caller.ts";
import { ACQUIRE, REFRESH, RELEASE } from "./redis_lease_scripts.ts";
import { lookAt } from "./redis_look.ts";

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
      const rest = `,${JSON.stringify({ since, instance, stream }).slice(1)}`;
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
      const found = await lookAt(redis, streams.map(keys.lock));
      // A lock without an expiry is nothing that we have written; it blocks the stream all the same.
      return streams.flatMap((stream, i) => {
        const { value, leftMs } = found[i]!;
        return value === null ? [] : [{ ...readValue(value), stream, leftMs }];
      });
    },
  };
}

function beginning(owner: string): string {
  return `{"owner":${JSON.stringify(owner)},`;
}

function claimed({ owner, generation, since }: LeaseClaim): string {
  return `${beginning(owner)}"generation":${generation},"since":${JSON.stringify(since)},`;
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
