/** Snapshots that a person asks for, in a lake that knew of none. */
import assert from "node:assert/strict";
import type { Collection } from "mongodb";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { systemClock } from "../../src/support/clock.ts";
import { FaultProxy } from "../support/fault_proxy.ts";
import { downloadLake } from "../support/lake.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { type Program, runProgram, startProgram } from "../support/program.ts";
import { ensureBucket } from "../support/s3_bucket.ts";
import { redisUrl, s3Endpoint, uniqueName } from "../support/services.ts";
import { assertOneRowEach, assertSameState } from "../support/snapshot_state.ts";
import { s3Settings, sourceSettings } from "./settings.ts";

const DOCUMENTS = 2_000;
/** Far more than it takes, for slow machines. */
const WAIT_MS_MAX = 300_000;
/** So long a piece of a request waits: the snapshot must not end before a person comes. */
const SLOW_MS = 300;

type Env = Readonly<Record<string, string>>;

interface Scene {
  readonly bucket: string;
  readonly orders: Collection;
  readonly proxy: FaultProxy;
  readonly env: Env;
  /** What a verb says on standard output, where it ends with `code`. */
  said(args: readonly string[], code?: number): Promise<string>;
}

/** A collection that is full when its stream begins, without a snapshot. */
async function withScene(work: (scene: Scene) => Promise<void>): Promise<void> {
  const bucket = uniqueName("asked");
  await ensureBucket(bucket);
  await using writer = createMongoWriter(bucket);
  await writer.insert(["orders"], DOCUMENTS);
  const { hostname, port } = new URL(s3Endpoint());
  await using proxy = new FaultProxy({ target: { hostname, port: Number(port) } });
  const env = {
    ...{ ...sourceSettings(writer.database), ...s3Settings(bucket, "lake", proxy.url) },
    ...{ MONGODB_COLLECTIONS: "orders", BATCH_SIZE: "50", REDIS_URL: redisUrl() },
    ...{ PIPELINE_NAME: bucket, LEASES: "redis" },
  };
  const said = async (args: readonly string[], code = 0) => {
    const ended = await runProgram(args, { env });
    assert.equal(ended.code, code, ended.stdout + ended.stderr);
    return code === 0 ? ended.stdout : ended.stderr;
  };
  const orders = writer.client.db(writer.database).collection("orders");
  await work({ bucket, orders, proxy, env, said });
}

/** Waits until the stream has a journal: events from then on are in it. */
async function hasBegun(env: Env): Promise<void> {
  const found = await waitUntil(systemClock, WAIT_MS_MAX, async () => {
    const { code } = await runProgram(["position", "show"], { env });
    return code === 0 ? true : undefined;
  });
  assert(found, "the stream has not begun");
}

async function stop(program: Program): Promise<void> {
  program.kill("SIGTERM");
  assert.equal((await program.ended).code, 0);
}

Deno.test("a snapshot that somebody asks for is paused, read on, and gives each document one row", async () => {
  await withScene(async ({ bucket, orders, proxy, env, said }) => {
    const name = `${orders.dbName}.orders`;
    const early = await said(["snapshot", "start", name], 1);
    assert.match(early, /no stream of this lake brings its changes/);
    await using program = startProgram(["run"], { env });
    await program.line(/Stream started/, WAIT_MS_MAX);
    await hasBegun(env);
    await orders.updateOne({ n: 1 }, { $set: { paid: true } });
    proxy.setMode({ kind: "delay", ms: SLOW_MS });
    assert.match(await said(["snapshot", "start", name]), /asked-1 of .*: about 2,000 documents/);
    assert.match(await said(["snapshot", "start", name], 1), /one is under way/);
    await program.line(/Batch stored.*snapshot:/, WAIT_MS_MAX);
    await said(["snapshot", "pause", name]);
    await program.line(/Stream stopped.*snapshot:/, WAIT_MS_MAX);
    assert.match(await said(["snapshot", "status"]), /asked-1 +paused/);
    // The stream goes on meanwhile.
    await orders.updateOne({ n: 2 }, { $set: { paid: true } });
    await orders.deleteOne({ n: 3 });
    await program.line(/Batch stored.*"collection:/, WAIT_MS_MAX);
    proxy.setMode({ kind: "pass" });
    await said(["snapshot", "resume", name]);
    await program.line(/snapshot is complete/, WAIT_MS_MAX);
    const [shown] = JSON.parse(await said(["snapshot", "status", name, "--json"]));
    assert.equal(shown.state, "complete");
    assert(shown.documentsRead >= DOCUMENTS - 1, JSON.stringify(shown));
    await stop(program);
    await assertRight(bucket, orders, env);
  });
});

Deno.test("a snapshot that is cancelled is closed, another may follow, and a filter holds", async () => {
  await withScene(async ({ orders, proxy, env, said }) => {
    const name = `${orders.dbName}.orders`;
    {
      await using program = startProgram(["run"], { env });
      await program.line(/Stream started/, WAIT_MS_MAX);
      await hasBegun(env);
      proxy.setMode({ kind: "delay", ms: SLOW_MS });
      await said(["snapshot", "start", name]);
      await program.line(/Batch stored.*snapshot:/, WAIT_MS_MAX);
      // Records may be without their objects now.
      program.kill("SIGKILL");
      await program.ended;
    }
    proxy.setMode({ kind: "pass" });
    await said(["snapshot", "cancel", name]);
    await using program = startProgram(["run"], { env });
    await program.line(/snapshot is cancelled/, WAIT_MS_MAX);
    assert.match(await said(["snapshot", "status", name]), /asked-1 +cancelled/);
    await said(["verify", "--read"]);
    assert.match(await said(["snapshot", "start", name, "--where", `{"$n": 1}`], 1), /filter/);
    await said(["snapshot", "start", name, "--where", `{"n": {"$gte": 1900}}`]);
    await program.line(/snapshot is complete/, WAIT_MS_MAX);
    const reports = JSON.parse(await said(["snapshot", "status", name, "--json"]));
    const last = reports.at(-1);
    assert.deepEqual([last.id.slice(-7), last.documentsRead], ["asked-2", 100]);
    await stop(program);
    const verified = await said(["verify", "--read"]);
    assert.match(verified, /asked|snapshot/);
  });
});

/** The lake tells the state of each document, each has one snapshot row, and `verify` finds nothing. */
async function assertRight(bucket: string, orders: Collection, env: Env): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await downloadLake(bucket, "lake/", folder);
    const documents = await orders.find({}, { promoteValues: false }).toArray();
    await assertSameState(folder, "orders", documents);
    await assertOneRowEach(folder, "orders", documents.map(({ _id }) => _id));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  const verified = await runProgram(["verify", "--read"], { env });
  assert.equal(verified.code, 0, verified.stdout + verified.stderr);
}
