import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PermanentError } from "../model/errors.ts";
import { encodeName } from "../model/keys/name_encoding.ts";
import type { StateStore } from "../pipeline/ports.ts";
import type { Clock } from "../support/clock.ts";
import { createFileState } from "./file_state.ts";
import { createMemoryState } from "./memory_state.ts";
import { createRedisState, type RedisCaller, type RedisStateOptions } from "./redis_state.ts";

/** What the stores are made of; `redis` only where there is one. */
export interface StateStoreParts {
  readonly clock: Clock;
  /** Names the folder of a file store, so that pipelines can share the location. */
  readonly pipeline: string;
  readonly redis?: { readonly caller: RedisCaller } & RedisStateOptions;
}

/**
 * The state store at a location: `memory`, `file:///dir` or `redis`.
 *
 * @throws {PermanentError} if the location is none of these, or Redis is wanted and not there.
 */
export function createStateStore(location: string, parts: StateStoreParts): StateStore {
  const scheme = /^[^:]*/.exec(location)![0];
  if (!Object.hasOwn(STORES, scheme)) {
    throw new PermanentError(
      `Cannot keep state in "${scheme}": a state store is one of ${Object.keys(STORES).join(", ")}`,
    );
  }
  return STORES[scheme as keyof typeof STORES](location, parts);
}

/** Each state store by the scheme of its location. */
const STORES = {
  memory: () => createMemoryState(),
  file: (location, parts) =>
    createFileState(join(folderOf(location), encodeName(parts.pipeline)), { clock: parts.clock }),
  redis: (_, parts) => {
    if (parts.redis !== undefined) return createRedisState(parts.redis.caller, parts.redis);
    throw new PermanentError("Cannot keep state in Redis: no Redis URL is set");
  },
} satisfies Record<string, (location: string, parts: StateStoreParts) => StateStore>;

function folderOf(location: string): string {
  try {
    return fileURLToPath(new URL(location));
  } catch {
    throw new PermanentError(
      `Cannot keep state in "${location}": a folder is written as file:///path`,
    );
  }
}
