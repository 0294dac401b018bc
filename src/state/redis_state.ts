import { PermanentError } from "../model/errors.ts";
import type { StateStore, StreamState } from "../pipeline/ports.ts";
import { checkState, STATE_FIELDS } from "./state_shape.ts";

/** What the state store needs of a Redis client. Errors are those of `model/errors.ts`. */
export interface RedisCaller {
  call(command: string, ...args: (string | number)[]): Promise<unknown>;
}

export interface RedisStateOptions {
  /** What all keys begin with, `{tributary:orders}`: the braces keep a pipeline's keys in one slot of a Cluster. */
  readonly keyPrefix: string;
  /** How long a state outlives its last write. Default: for ever. */
  readonly expiryMs?: number;
}

/**
 * States in Redis: a hash for each stream at `{KEY:PIPELINE}:state:STREAM` (`redis-cli hgetall` shows it), and the set
 * of their streams at `{KEY:PIPELINE}:states`.
 */
export function createRedisState(redis: RedisCaller, options: RedisStateOptions): StateStore {
  const { keyPrefix, expiryMs = 0 } = options;
  const all = `${keyPrefix}:states`;
  const keyOf = (streamKey: string) => `${keyPrefix}:state:${streamKey}`;
  return {
    async load(streamKey) {
      const key = keyOf(streamKey);
      return decode(await redis.call("HGETALL", key), key);
    },
    async save(streamKey, state) {
      const args = [state.seq, expiryMs, streamKey, ...encode(state)];
      await redis.call("EVAL", SAVE, 2, keyOf(streamKey), all, ...args);
    },
    async list() {
      const streamKeys = await redis.call("SMEMBERS", all) as string[];
      const found = await Promise.all(streamKeys.map(async (streamKey) => {
        const key = keyOf(streamKey);
        const answer = await redis.call("EVAL", LOAD_OR_FORGET, 2, key, all, streamKey);
        return [streamKey, decodeIfWhole(answer, key)] as const;
      }));
      const there = found.filter((entry): entry is [string, StreamState] => entry[1] !== undefined);
      return new Map(there);
    },
  };
}

/** Every command that keeping states needs, as an access list names them. */
export const STATE_COMMANDS: readonly string[] = [
  ...["eval", "hget", "hset", "hgetall", "del", "pexpire", "persist"],
  ...["sadd", "srem", "smembers"],
];

/** What is left where the process dies meanwhile goes away by itself. */
const EXPIRY_MS = 60_000;

/**
 * Does what a store of states does, with a stream that nobody has. First each command alone, for a script's refusal need
 * not say which of its commands it was; then the scripts. The set that others read is only taken from.
 *
 * @param name one that nothing else has: `check-5f0c2a91`
 * @throws what `redis` does, with the first command that is refused
 */
export async function rehearseState(
  redis: RedisCaller,
  keyPrefix: string,
  name: string,
): Promise<void> {
  const [state, set] = [`${keyPrefix}:state:${name}`, `${keyPrefix}:state:${name}-all`];
  await redis.call("HSET", state, "seq", 0);
  await redis.call("PEXPIRE", state, EXPIRY_MS);
  await redis.call("HGET", state, "seq");
  await redis.call("HGETALL", state);
  await redis.call("DEL", state);
  await redis.call("SADD", set, name);
  await redis.call("PEXPIRE", set, EXPIRY_MS);
  await redis.call("PERSIST", state);
  await redis.call("SMEMBERS", `${keyPrefix}:states`);
  await redis.call("SREM", `${keyPrefix}:states`, name);
  await redis.call("EVAL", SAVE, 2, state, set, 0, EXPIRY_MS, name, "seq", 0);
  await redis.call("EVAL", LOAD_OR_FORGET, 2, state, set, name);
  await redis.call("DEL", state, set);
}

/**
 * KEYS: the state, the set of streams. ARGV: seq, expiry in ms (0: none), stream key, then fields and values.
 * Returns 1, or 0 where a higher seq is there.
 */
const SAVE = `
local current = tonumber(redis.call('HGET', KEYS[1], 'seq') or '')
if current and current > tonumber(ARGV[1]) then return 0 end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], unpack(ARGV, 4))
redis.call('SADD', KEYS[2], ARGV[3])
if tonumber(ARGV[2]) > 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  redis.call('PEXPIRE', KEYS[2], ARGV[2])
else
  redis.call('PERSIST', KEYS[2])
end
return 1
`;

/**
 * KEYS: the state, the set of streams. ARGV: stream key. Returns the state's fields and values; where it has expired,
 * none, and takes the stream out of the set.
 */
const LOAD_OR_FORGET = `
local state = redis.call('HGETALL', KEYS[1])
if #state == 0 then redis.call('SREM', KEYS[2], ARGV[1]) end
return state
`;

/** Fields and values by turns; numbers and texts as they are, the position as JSON. */
function encode(state: StreamState): string[] {
  const checked = checkState(state, "to be saved");
  return STATE_FIELDS.flatMap((name) => {
    const value = checked[name];
    if (value === undefined) return [];
    return [name, typeof value === "object" ? JSON.stringify(value) : String(value)];
  });
}

function decode(answer: unknown, key: string): StreamState | undefined {
  const flat = answer as string[];
  if (flat.length === 0) return undefined;
  const fields: Record<string, unknown> = {};
  for (let at = 0; at < flat.length; at += 2) fields[flat[at]!] = flat[at + 1];
  for (const name of NUMBERS) fields[name] = toNumber(fields[name]);
  fields.position = parsePosition(String(fields.position), key);
  return checkState(fields, key);
}

/** One damaged state must not hide the others. */
function decodeIfWhole(answer: unknown, key: string): StreamState | undefined {
  try {
    return decode(answer, key);
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    return undefined;
  }
}

const NUMBERS = ["seq", "generation", "events", "objects", "bytes", "deadLetters"] as const;

/** Only what a number was written as becomes one; `checkState` shows the rest as it is. */
function toNumber(text: unknown): unknown {
  return typeof text === "string" && /^\d+$/.test(text) ? Number(text) : text;
}

function parsePosition(json: string, key: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new PermanentError(
      `Cannot read the state "${key}": field "position" is not JSON: ${json.slice(0, 60)}`,
    );
  }
}
