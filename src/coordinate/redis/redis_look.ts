import type { RedisCaller } from "./redis_caller.ts";

/** Keys that one script looks at: it keeps the server from all else as long as it runs. */
const LOOKED_AT_MAX = 500;

/** A key that expires by itself. */
export interface Expiring {
  /** Null where there is no such key. */
  readonly value: string | null;
  /** `Infinity` where the key stays. */
  readonly leftMs: number;
}

/** What keys of one slot hold and how long they will be there, in the order of the keys. */
export async function lookAt(redis: RedisCaller, keys: readonly string[]): Promise<Expiring[]> {
  const found: Expiring[] = [];
  for (let at = 0; at < keys.length; at += LOOKED_AT_MAX) {
    const some = keys.slice(at, at + LOOKED_AT_MAX);
    const flat = await redis.call("EVAL", LOOK, some.length, ...some) as (string | null | number)[];
    for (const i of some.keys()) {
      const [value, left] = [flat[2 * i], Number(flat[2 * i + 1])];
      // -1 is a key without an expiry.
      const leftMs = left < 0 ? Infinity : left;
      found.push({ value: typeof value === "string" ? value : null, leftMs });
    }
  }
  return found;
}

/** KEYS: any. Returns for each its value (or nil) and the ms it has left. */
export const LOOK = `
local found = {}
for i, key in ipairs(KEYS) do
  found[2 * i - 1] = redis.call('GET', key)
  found[2 * i] = redis.call('PTTL', key)
end
return found
`;
