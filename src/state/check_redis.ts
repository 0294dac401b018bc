import type { Finding } from "../support/finding.ts";
import type { RedisConnection } from "./redis_connection.ts";

/** Scripts without a key run anywhere; leases need scripts. */
const SCRIPT = "return redis.call('PING')";

/** What `tributary check` says about Redis. Throws with one sentence where it does not answer or refuses scripts. */
export async function checkRedis(connection: RedisConnection): Promise<Finding[]> {
  await connection.call("PING");
  await connection.call("EVAL", SCRIPT, 0);
  const text = `${connection.description} answers and runs scripts`;
  return [{ subject: "Redis", state: "ok", text }];
}
