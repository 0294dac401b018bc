import { FLUSH_MS } from "../orders.ts";
import { fleetKeys, type RedisCaller } from "./redis_caller.ts";
import { ACQUIRE, REFRESH, RELEASE } from "./redis_lease_scripts.ts";
import { LOOK } from "./redis_look.ts";
import { ANNOUNCE, FORGET_SILENT, LEAVE } from "./redis_member_scripts.ts";
import { FLUSH } from "./redis_orders.ts";

/** Every command that meeting in Redis needs, as an access list names them. */
export const FLEET_COMMANDS: readonly string[] = [
  ...["eval", "get", "mget", "set", "del", "exists", "incr", "pttl", "pexpire"],
  ...["sadd", "srem", "smembers"],
];

/** What is left where the process dies meanwhile goes away by itself. */
const EXPIRY_MS = 60_000;

/**
 * Does what instances do when they meet, with a name that none of them has. First each command alone, for a script's
 * refusal need not say which of its commands it was; then the scripts.
 *
 * Nobody notices: sets that others read are only taken from, and what they count up makes them look once.
 *
 * @param prefix `{KEY:PIPELINE}`, braces included
 * @param name one that nothing else has: `check-5f0c2a91`
 * @throws what `redis` does, with the first command that is refused
 */
export async function rehearseFleet(
  redis: RedisCaller,
  prefix: string,
  name: string,
): Promise<void> {
  const keys = fleetKeys(prefix);
  const [lock, generation, member] = [keys.lock(name), keys.generation(name), keys.member(name)];
  const [news, set] = [keys.news(name), keys.lock(`${name}-all`)];
  const write = async (key: string) => {
    await redis.call("SET", key, "check", "PX", EXPIRY_MS);
    await redis.call("GET", key);
    await redis.call("DEL", key);
  };
  for (const key of [lock, member, news]) await write(key);
  await redis.call("SET", generation, 0, "PX", EXPIRY_MS);
  await redis.call("INCR", generation);
  await redis.call("PEXPIRE", generation, EXPIRY_MS);
  await redis.call("PTTL", generation);
  await redis.call("EXISTS", lock);
  await redis.call("SADD", set, name);
  await redis.call("PEXPIRE", set, EXPIRY_MS);
  for (const shared of [keys.locks, keys.members, keys.paused, keys.flushes]) {
    await redis.call("SMEMBERS", shared);
    await redis.call("SREM", shared, name);
  }
  await redis.call("MGET", news);
  await redis.call("GET", keys.changes);
  await redis.call("INCR", keys.changes);
  const run = (script: string, on: readonly string[], ...args: (string | number)[]) =>
    redis.call("EVAL", script, on.length, ...on, ...args);
  const claim = `{"owner":"${name}",`;
  await run(ACQUIRE, [lock, generation, set], claim, "}", EXPIRY_MS, name);
  await run(REFRESH, [lock], claim, EXPIRY_MS);
  await run(LOOK, [lock, member]);
  await run(RELEASE, [lock, keys.changes], claim);
  // What is no member's text is none to whoever reads it.
  await run(ANNOUNCE, [member, set, keys.changes], "check", EXPIRY_MS, name);
  await run(LEAVE, [member, set, keys.changes], name);
  await run(FORGET_SILENT, [member, set], name);
  await run(FLUSH, [set, keys.changes], name, FLUSH_MS);
  await redis.call("DEL", generation, set);
}
