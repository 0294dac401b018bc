import assert from "node:assert/strict";
import { PermanentError, TransientError } from "../../../src/model/errors.ts";
import { checkRedis } from "../../../src/state/check_redis.ts";
import type { RedisCaller } from "../../../src/state/redis_state.ts";

const RIGHTS = { keyPrefix: "{tributary:a[1]}", commands: ["eval", "set"] };

const rehearse = async (redis: RedisCaller): Promise<void> => {
  await redis.call("SET", "{tributary:a[1]}:lock:check", "x");
  await redis.call("EVAL", "return 1", 2, "k1", "k2", "argument");
  await redis.call("MGET", "k3", "k4");
};

Deno.test("checkRedis asks for an answer and does what it is given", async () => {
  const sent: string[] = [];
  const findings = await checkRedis(
    connection((command) => {
      sent.push(command);
      return Promise.resolve("PONG");
    }),
    RIGHTS,
    [rehearse],
  );
  assert.deepEqual(sent, ["PING", "SET", "EVAL", "MGET"]);
  assert.deepEqual(findings, [{
    subject: "Redis",
    state: "ok",
    text: "redis://cache:6379 answers, and keys below {tributary:a[1]} can be written",
  }]);
});

Deno.test("checkRedis names the command and the keys that are refused, and the right that is needed", async () => {
  const commands = "+ping +info +eval +set`";
  const keys = "~{tributary:a\\[1\\]}* ";
  const refused = [
    ["SET", "NOPERM this user has no permissions to run the 'set' command", ""],
    ["EVAL", "ERR The user executing the script can't run this command script: 1.", ""],
    ["MGET", "NOPERM No permissions to access a key", keys],
    ["EVAL", "ERR The user executing the script can't access at least one of the keys", keys],
  ] as const;
  for (const [command, reply, right] of refused) {
    const text = await refusal(command, reply);
    assert(text.startsWith(`redis://cache:6379 refuses ${command} on ${KEYS[command]} to`), text);
    // Who may use all keys is refused a pattern besides: only what is missing is named.
    assert(text.endsWith(`allow it with \`ACL SETUSER app ${right}${commands}`), text);
  }
});

const KEYS = { SET: "{tributary:a[1]}:lock:check", EVAL: "k1, k2", MGET: "k3, k4" };

Deno.test("checkRedis says what is to be done where Redis takes no writes", async () => {
  const advice = {
    "READONLY You can't write against a read only replica.": /is a replica.*let REDIS_URL name/,
    "OOM command not allowed when used memory > 'maxmemory'.": /refuses SET on .*`maxmemory`/,
    "MISCONF Redis is configured to save RDB snapshots": /space on its disk/,
    "NOREPLICAS Not enough good replicas to write.": /`min-replicas-to-write`/,
  };
  for (const [reply, expected] of Object.entries(advice)) {
    assert.match(await refusal("SET", reply), expected);
  }
});

Deno.test("checkRedis leaves other failures as they are", async () => {
  const error = new TransientError("Cannot call PING on redis://cache:6379: no answer within 5s");
  const silent = checkRedis(connection(() => Promise.reject(error)), RIGHTS, []);
  await assert.rejects(silent, { message: error.message });
});

async function refusal(refused: string, reply: string): Promise<string> {
  const error = new PermanentError(`Cannot call ${refused} on redis://cache:6379: ${reply}`);
  const refusing = connection((command) =>
    command === refused ? Promise.reject(error) : Promise.resolve("OK")
  );
  const failed = await checkRedis(refusing, RIGHTS, [rehearse]).then(() => "", (e: Error) => e);
  assert(failed instanceof Error);
  return failed.message;
}

function connection(call: (command: string) => Promise<unknown>) {
  const close = () => Promise.resolve();
  return { call, description: "redis://cache:6379", user: "app", close };
}
