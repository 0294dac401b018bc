import assert from "node:assert/strict";
import { join } from "node:path";
import { MongoClient } from "mongodb";
import { freePort } from "../../scripts/services/free_port.ts";
import { startMongod } from "../../scripts/services/mongod.ts";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { systemClock } from "../../src/support/clock.ts";
import { createRowCounter } from "../support/lake.ts";
import { addMinioUser, changeMinioPolicy, removeMinioUser } from "../support/minio_admin.ts";
import { ensureBucket } from "../support/s3_bucket.ts";
import { startGuardedMongod } from "../support/guarded_mongod.ts";
import { onAdmin } from "../support/mongo_commands.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { uniqueName } from "../support/services.ts";
import { totalOf, waitForFolder, waitForRows } from "./judge.ts";
import { s3Settings, streamingSettings } from "./settings.ts";

/** Soon enough for a test; by itself an instance waits up to two minutes. */
const SOON = { DISTRIBUTED_LOCK_RETRY_INTERVAL: "500ms" };

async function withLake(work: (lake: string, http: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(join(folder, "lake"), `127.0.0.1:${freePort()}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The program lives and says that it cannot work. */
async function assertShownAsFailed(http: string): Promise<void> {
  const health = await fetch(`http://${http}/health`);
  const { status, processing_status } = await health.json();
  assert.deepEqual([health.status, status, processing_status], [200, "degraded", "failed"]);
  assert.equal((await fetch(`http://${http}/ready`)).status, 503);
  const { causes } = await (await fetch(`http://${http}/status`)).json();
  assert.equal(causes[0].severity, "critical");
}

Deno.test("rights that are taken away are waited for, and the program goes on when they are back", async () => {
  await using server = await startGuardedMongod();
  const client = new MongoClient(server.admin);
  const rows = client.db("shop").collection("orders");
  const reader = { pwd: "sesame", roles: [{ role: "read", db: "shop" }] };
  try {
    await withLake(async (lake, http) => {
      await rows.insertOne({});
      const env = {
        ...{ ...streamingSettings("shop"), ...SOON, MONGODB_URI: server.reader },
        ...{ MONGODB_COLLECTIONS: "orders", DESTINATION: `file://${lake}`, HTTP_ADDRESS: http },
      };
      await using program = startProgram(["run"], { env });
      await program.line(/Change stream opened/);
      await rows.insertOne({});
      await waitForFolder(lake, 1);
      await onAdmin(server.admin, { dropUser: "reader" });
      await rows.insertOne({});
      await program.line(/Stream needs a person; it is tried again/);
      await assertShownAsFailed(http);
      await onAdmin(server.admin, { createUser: "reader", ...reader });
      await waitForFolder(lake, 2);
      program.kill("SIGTERM");
      assert.equal((await program.ended).code, 0);
    });
  } finally {
    await client.close();
  }
});

function s3Policy(bucket: string, ...actions: string[]): unknown {
  const Resource = [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`];
  return {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: actions, Resource }],
  };
}

Deno.test("a bucket that can be read and not be written is shown as refusing until it takes writes", async () => {
  const bucket = uniqueName("readonly");
  await ensureBucket(bucket);
  await using writer = createMongoWriter(bucket);
  const user = await addMinioUser(bucket, s3Policy(bucket, "s3:*"));
  const count = createRowCounter(bucket, "lake/");
  try {
    const http = `127.0.0.1:${freePort()}`;
    const env = {
      ...{ ...streamingSettings(writer.database), ...SOON, ...s3Settings(bucket, "lake") },
      ...{ AWS_ACCESS_KEY_ID: user.accessKeyId, AWS_SECRET_ACCESS_KEY: user.secretAccessKey },
      ...{ MONGODB_COLLECTIONS: "orders", HTTP_ADDRESS: http },
    };
    await using program = startProgram(["run"], { env });
    await program.line(/Change stream opened/);
    await writer.insert(["orders"], 20);
    await waitForRows(20, count);
    await changeMinioPolicy(bucket, s3Policy(bucket, "s3:GetObject", "s3:ListBucket"));
    await writer.insert(["orders"], 20);
    await program.line(/Destination refuses what it is asked for.*s3:PutObject/);
    await program.line(/Stream needs a person; it is tried again/);
    await assertShownAsFailed(http);
    const { dependencies } = await (await fetch(`http://${http}/health`)).json();
    assert.equal(dependencies.destination, "unhealthy");
    assert.ok(!program.stderr.some((line) => /Destination can be written again/.test(line)));
    await changeMinioPolicy(bucket, s3Policy(bucket, "s3:*"));
    await program.line(/Destination can be written again/);
    await waitForRows(totalOf(writer.inserted), count);
    program.kill("SIGTERM");
    assert.equal((await program.ended).code, 0);
  } finally {
    await removeMinioUser(bucket);
  }
});

Deno.test("history that is lost is accepted while the program runs, which goes on by itself", async () => {
  await using server = await startMongod({ oplogMegabytes: 1, cacheGigabytes: 0.25 });
  const client = new MongoClient(server.url);
  const rows = client.db("shop").collection("orders");
  const oldest = async () =>
    (await client.db("local").collection("oplog.rs").find().sort({ $natural: 1 }).limit(1)
      .next())?.["ts"]?.toString();
  try {
    await withLake(async (lake, http) => {
      await rows.insertOne({ x: "" });
      const env = {
        ...{ ...streamingSettings("shop"), ...SOON, MONGODB_URI: server.url },
        ...{ MONGODB_COLLECTIONS: "orders", DESTINATION: `file://${lake}`, HTTP_ADDRESS: http },
      };
      {
        await using first = startProgram(["run"], { env });
        await first.line(/Change stream opened/);
        await rows.insertOne({ x: "" });
        await waitForFolder(lake, 1);
        first.kill("SIGTERM");
        assert.equal((await first.ended).code, 0);
      }
      const before = await oldest();
      const other = client.db("shop").collection("other");
      const many = Array.from({ length: 20 }, () => ({ x: "x".repeat(100_000) }));
      for (let i = 0; i < 5; i++) await other.insertMany(many.map(({ x }) => ({ x })));
      // The server looks at its oplog once a minute.
      const rolled = await waitUntil(systemClock, 240_000, async () => {
        await other.insertOne({ x: "" });
        return await oldest() === before ? undefined : true;
      });
      assert.equal(rolled, true);
      await using program = startProgram(["run"], { env });
      await program.line(/Stream needs a person; it is tried again.*tributary position set/);
      await assertShownAsFailed(http);
      const set = ["position", "set", "shop.orders", "now", "--force"];
      const { code, stdout, stderr } = await runProgram(set, { env });
      assert.equal(code, 0, stdout + stderr);
      await program.line(/Change stream opened/);
      await rows.insertOne({ x: "" });
      await waitForFolder(lake, 2);
      program.kill("SIGTERM");
      assert.equal((await program.ended).code, 0);
    });
  } finally {
    await client.close();
  }
});

Deno.test("what only another configuration mends ends the program with 1: the same events, or stages that are refused", async () => {
  await using writer = createMongoWriter(uniqueName("config"));
  await withLake(async (lake) => {
    const env = { ...streamingSettings(writer.database), DESTINATION: `file://${lake}` };
    {
      await using whole = startProgram(["run"], { env: { ...env, WATCH_LEVEL: "database" } });
      await whole.line(/Change stream opened/);
      whole.kill("SIGTERM");
      assert.equal((await whole.ended).code, 0);
    }
    const overlap = await runProgram(["run"], { env: { ...env, MONGODB_COLLECTIONS: "orders" } });
    assert.equal(overlap.code, 1, overlap.stderr);
    assert.match(overlap.stderr, /writes? the same events into this destination/);
    assert.match(overlap.stderr, /No stream can run with these settings/);
    const yaml = join(lake, "tributary.yaml");
    await Deno.writeTextFile(yaml, "pipeline:\n  - $match: { operationType: { $nonsense: 1 } }\n");
    const other = { ...env, DESTINATION: `file://${lake}/other`, MONGODB_COLLECTIONS: "orders" };
    const stages = await runProgram(["run", "--config", yaml], { env: other });
    assert.equal(stages.code, 1, stages.stderr);
    assert.match(stages.stderr, /MongoDB does not accept the pipeline stages/);
  });
});
