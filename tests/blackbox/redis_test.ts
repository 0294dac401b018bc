import assert from "node:assert/strict";
import { startRedis } from "../../scripts/services/redis.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { command } from "../support/redis_forms.ts";
import { uniqueName } from "../support/services.ts";
import { streamingSettings } from "./settings.ts";

Deno.test("check refuses a Redis that takes no writes or too few commands, and says what is missing", async () => {
  await using world = await open();
  await using primary = await startRedis();
  await using replica = await startRedis({
    old: true,
    args: ["--replicaof", "127.0.0.1", String(primary.port)],
  });
  const check = (url: string) =>
    runProgram(["check"], {
      env: { ...world.env, PIPELINE_NAME: "shop", LEASES: "auto", REDIS_URL: url },
    });
  const onReplica = await check(replica.url);
  assert.deepEqual([onReplica.code, onReplica.stderr], [3, ""]);
  assert.match(onReplica.stdout, /^failed +Redis .* is a replica, which takes no writes/m);
  const rules = "reset on >secret ~tributary* +@all".split(" ");
  await command(primary.url, "ACL", "SETUSER", "app", ...rules);
  const url = `redis://app:secret@127.0.0.1:${primary.port}`;
  const refused = await check(url);
  assert.deepEqual([refused.code, refused.stderr], [3, ""]);
  const line = /^failed +Redis .* refuses SET on \{tributary:shop\}:lock:.*`(ACL SETUSER [^`]*)`$/m
    .exec(refused.stdout);
  assert(line !== null, refused.stdout);
  const [first = "", ...words] = line[1]!.split(" ");
  await command(primary.url, first, ...words);
  const granted = await check(url);
  assert.deepEqual([granted.code, granted.stderr], [0, ""], granted.stdout);
});

Deno.test("every line of the log is JSON, whatever libraries have to say", async () => {
  await using world = await open();
  await using redis = await startRedis();
  // The client warns where it may not ask, the driver where a setting is young.
  const rules = "reset on >secret ~{tributary:* +@all -info".split(" ");
  await command(redis.url, "ACL", "SETUSER", "app", ...rules);
  const env = {
    ...world.env,
    MONGODB_URI: `${world.env["MONGODB_URI"]}&compressors=snappy,zlib&timeoutMS=60000`,
    LEASES: "auto",
    REDIS_URL: `redis://app:secret@127.0.0.1:${redis.port}`,
  };
  await using program = startProgram(["run"], { env });
  await program.line(/Change stream opened/);
  program.kill("SIGTERM");
  assert.equal((await program.ended).code, 0);
  const messages = program.stderr.map((line) => JSON.parse(line).message);
  assert(messages.includes("A library says"));
  assert(messages.includes("MongoDB is spoken to without some of the compressors in MONGODB_URI"));
});

async function open() {
  const writer = createMongoWriter(uniqueName("redis"));
  const folder = await Deno.makeTempDir();
  await writer.insert(["orders"], 1);
  const env: Record<string, string> = {
    ...streamingSettings(writer.database),
    DESTINATION: `file://${folder}`,
  };
  return {
    env,
    async [Symbol.asyncDispose]() {
      await writer[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}
