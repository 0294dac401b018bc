import { errorMessage } from "../model/errors.ts";
import type { Finding } from "../support/check_result.ts";
import type { RedisConnection } from "./redis_connection.ts";
import { isReplicaReply, replyCode } from "./redis_errors.ts";
import type { RedisCaller } from "./redis_state.ts";

/** What the user of a Redis must be allowed. */
export interface RedisRights {
  /** What the keys begin with. */
  readonly keyPrefix: string;
  readonly commands: readonly string[];
}

/** Does with throw-away names what a run does. */
export type Rehearsal = (redis: RedisCaller) => Promise<void>;

/** What a connection asks when it comes up. */
const CONNECTION_COMMANDS = ["ping", "info"];

/**
 * What `tributary check` says about Redis. Throws with one sentence where it does not answer, or refuses something that
 * a run does: the sentence names the command, the keys and what is to be done.
 */
export async function checkRedis(
  connection: RedisConnection,
  rights: RedisRights,
  rehearsals: readonly Rehearsal[],
): Promise<Finding[]> {
  const redis: RedisCaller = {
    async call(command, ...args) {
      try {
        return await connection.call(command, ...args);
      } catch (error) {
        throw new Error(explain(error, connection, rights, [command, ...args]));
      }
    },
  };
  await redis.call("PING");
  for (const rehearse of rehearsals) await rehearse(redis);
  const { keyPrefix } = rights;
  const text = `${connection.description} answers, and keys below ${keyPrefix} can be written`;
  return [{ subject: "Redis", state: "ok", text }];
}

function explain(
  error: unknown,
  { description, user }: RedisConnection,
  { keyPrefix, commands }: RedisRights,
  [command, ...args]: readonly [string, ...(string | number)[]],
): string {
  const message = errorMessage(error);
  const reply = message.replace(`Cannot call ${command} on ${description}: `, "");
  const keys = keysOf(command, args);
  const what = `${description} refuses ${command}${keys.length === 0 ? "" : ` on ${keys}`}`;
  if (isReplicaReply(reply)) {
    return `${description} is a replica, which takes no writes (${reply}): ` +
      "let REDIS_URL name the primary, or Sentinels or a Cluster, which know it";
  }
  if (NO_RIGHT.test(reply)) {
    const names = [...new Set([...CONNECTION_COMMANDS, ...commands])].map((name) => `+${name}`);
    // A user who may use all keys cannot be given a pattern besides: Redis refuses the whole line.
    const patterns = NO_KEYS.test(reply) ? [`~${keyPattern(keyPrefix)}`] : [];
    return `${what} to the user "${user}" (${reply}): allow it with ` +
      `\`${["ACL", "SETUSER", user, ...patterns, ...names].join(" ")}\``;
  }
  const advice = ADVICE[replyCode(reply) ?? ""];
  return advice === undefined ? message : `${what} (${reply}): ${advice}`;
}

/** As a command of its own, and in the scripts of 6 and 7. */
const NO_RIGHT =
  /^NOPERM|ACL failure in script|The user executing the script can't (run|access|publish)/;

/** Where it is the keys that the user may not use. */
const NO_KEYS = /\baccess\b/;

const ADVICE: Readonly<Record<string, string>> = {
  OOM: "raise its `maxmemory`, or give tributary a Redis of its own",
  MISCONF: "free space on its disk, or look into its log: it takes no writes until it can save",
  NOREPLICAS: "bring its replicas back, or lower its `min-replicas-to-write`",
  LOADING: "it is still starting; try again in a while",
  CLUSTERDOWN: "look at `CLUSTER INFO`: slots are without a node",
  WRONGTYPE:
    "something else uses the key: set DISTRIBUTED_LOCK_KEY or PIPELINE_NAME to another one",
};

/** The keys among a command's arguments, as a text. */
function keysOf(command: string, args: readonly (string | number)[]): string {
  switch (command) {
    case "PING":
      return "";
    case "EVAL":
      return args.slice(2, 2 + Number(args[1])).join(", ");
    case "MGET":
      return args.join(", ");
    default:
      return String(args[0]);
  }
}

/** A pattern for all keys that begin so; braces stand for themselves in one. */
function keyPattern(prefix: string): string {
  return `${prefix.replace(/[\\*?[\]]/g, "\\$&")}*`;
}
