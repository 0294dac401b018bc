/** A snapshot of three copies while everything around it fails. */
import assert from "node:assert/strict";
import { type Db, MongoClient } from "mongodb";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { sleep, systemClock } from "../../src/support/clock.ts";
import { FaultProxy } from "../support/fault_proxy.ts";
import { createRowCounter, downloadLake } from "../support/lake.ts";
import { onAdmin } from "../support/mongo_commands.ts";
import { type Program, runProgram, startProgram } from "../support/program.ts";
import { startReplicaSet } from "../support/replica_set.ts";
import { ensureBucket } from "../support/s3_bucket.ts";
import { redisUrl, s3Endpoint, uniqueName } from "../support/services.ts";
import { assertOneRowEach, assertSameState } from "../support/snapshot_state.ts";
import { waitForRows } from "./judge.ts";
import { s3Settings, sourceSettings } from "./settings.ts";

const NAMES = ["c1", "c2", "c3"];
const DOCUMENTS = 3_000;
/** Far more than it takes, for slow machines. */
const LIMIT_MS = 300_000;
const TTL_MS = 6_000;
/** Of requests to the store, answered with 503. */
const REFUSED_SHARE = 0.2;

Deno.test("a snapshot of three copies is right after kills, a long sleep, 503s, another primary and times that are forgotten", async () => {
  await using set = await startReplicaSet();
  await forgetSoon(set.url);
  await using client = new MongoClient(set.url);
  const db = client.db("shop");
  for (const name of NAMES) {
    await db.collection(name).insertMany(Array.from({ length: DOCUMENTS }, (_, n) => ({ n })));
  }
  const bucket = uniqueName("snapfaults");
  await ensureBucket(bucket);
  const { hostname, port } = new URL(s3Endpoint());
  await using proxy = new FaultProxy({ target: { hostname, port: Number(port) } });
  const env = {
    ...{ ...sourceSettings("shop"), ...s3Settings(bucket, "lake", proxy.url) },
    ...{ MONGODB_URI: set.url, MONGODB_COLLECTIONS: NAMES.join(","), SNAPSHOT: "initial" },
    ...{ BATCH_SIZE: "50", REDIS_URL: redisUrl(), PIPELINE_NAME: bucket, LEASES: "redis" },
    ...{ DISTRIBUTED_LOCK_TTL: `${TTL_MS}ms`, DISTRIBUTED_LOCK_REFRESH_INTERVAL: "2s" },
  };
  const start = (name: string) => startProgram(["run"], { env: { ...env, INSTANCE_NAME: name } });
  await using one = start("one");
  await using two = start("two");
  await using three = start("three");
  await Promise.any(
    [one, two, three].map((each) => each.line(/Batch stored.*snapshot:/, LIMIT_MS)),
  );
  const stop = new AbortController();
  const changing = Promise.all(NAMES.map((name) => change(db, name, stop.signal)));
  one.kill("SIGSTOP");
  const stoppedMs = systemClock.monotonicMs();
  proxy.setMode({ kind: "slow-down", share: REFUSED_SHARE });
  two.kill("SIGKILL");
  await two.ended;
  await set.changePrimary();
  // Who cannot write at the start does not start.
  proxy.setMode({ kind: "pass" });
  await using four = start("four");
  await using five = start("five");
  await Promise.all([four, five].map((each) => each.line(/Stream started/, LIMIT_MS)));
  proxy.setMode({ kind: "slow-down", share: REFUSED_SHARE });
  three.kill("SIGKILL");
  await three.ended;
  await sleep(systemClock, Math.max(0, stoppedMs + 2 * TTL_MS - systemClock.monotonicMs()));
  one.kill("SIGCONT");
  await complete([one, two, three, four, five]);
  proxy.setMode({ kind: "pass" });
  stop.abort();
  const events = (await changing).reduce((sum, each) => sum + each, 0);
  await waitForRows(events, createRowCounter(bucket, "lake/"));
  for (const each of [one, four, five]) {
    each.kill("SIGTERM");
    const { code } = await each.ended;
    assert.equal(code, 0, each.stderr.slice(-10).join("\n"));
  }
  await assertRight(bucket, db);
  const verified = await runProgram(["verify", "--read"], { env });
  assert.equal(verified.code, 0, verified.stdout + verified.stderr);
});

/** Each member keeps its past for a second. */
async function forgetSoon(url: string): Promise<void> {
  for (const host of url.replace("mongodb://", "").split("/")[0]!.split(",")) {
    await onAdmin(`mongodb://${host}/?directConnection=true`, {
      setParameter: 1,
      minSnapshotHistoryWindowInSeconds: 1,
    });
  }
}

/** Inserts, changes and deletes until it is told to stop; answers how many events that makes. */
async function change(db: Db, name: string, stop: AbortSignal): Promise<number> {
  const collection = db.collection(name);
  let events = 0;
  for (let n = 0; !stop.aborted; n++) {
    await collection.insertOne({ n: DOCUMENTS + n });
    const updated = await collection.updateOne({ n: (n * 37) % DOCUMENTS }, { $set: { at: n } });
    const deleted = await collection.deleteOne({ n: (n * 101) % DOCUMENTS });
    events += 1 + updated.modifiedCount + deleted.deletedCount;
    await sleep(systemClock, 20, stop).catch(() => {}); // Others want to write as well.
  }
  return events;
}

/** Waits until some copy has said of each collection that its snapshot is complete, or knows it to be. */
async function complete(programs: readonly Program[]): Promise<void> {
  const isComplete = (name: string) => {
    const pattern = new RegExp(`snapshot is complete.*\\.${name}"`);
    return programs.some(({ stdout, stderr }) =>
      [...stdout, ...stderr].some((line) => pattern.test(line))
    );
  };
  const found = await waitUntil(
    systemClock,
    LIMIT_MS,
    () => NAMES.every(isComplete) ? true : undefined,
  );
  assert(found, "the snapshots are not complete");
}

async function assertRight(bucket: string, db: Db): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await downloadLake(bucket, "lake/", folder);
    for (const name of NAMES) {
      const documents = await db.collection(name).find({}, { promoteValues: false }).toArray();
      await assertSameState(folder, name, documents);
      const stayed = documents.filter(({ n }) => Number(n) < DOCUMENTS).map(({ _id }) => _id);
      await assertOneRowEach(folder, name, stayed);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
