import assert from "node:assert/strict";
import { type Collection, type Db, MaxKey, MinKey, MongoClient, Timestamp } from "mongodb";
import { startMongod } from "../../scripts/services/mongod.ts";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { sleep, systemClock } from "../../src/support/clock.ts";
import { FaultProxy } from "../support/fault_proxy.ts";
import { createRowCounter, downloadLake } from "../support/lake.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { type Program, runProgram, startProgram } from "../support/program.ts";
import { ensureBucket } from "../support/s3_bucket.ts";
import { redisUrl, s3Endpoint, uniqueName } from "../support/services.ts";
import { assertOneRowEach, assertSameState } from "../support/snapshot_state.ts";
import { waitForRows } from "./judge.ts";
import { s3Settings, sourceSettings } from "./settings.ts";

const DOCUMENTS = 3_000;
const KILLS = 4;
/** Far more than it takes, for slow machines. */
const COMPLETE_MS_MAX = 300_000;
const FORGOTTEN_MS_MAX = 60_000;
const ODD_IDS = [new MinKey(), null, NaN, -5, "B", { b: 1, "0": 2 }, true, new MaxKey()];
/** So long a piece of a request waits while copies join: ranges must not end before. */
const SLOW_MS = 300;
const KILLED_DELAY_MS = 100;
/** Else the driver replaces an `_id` of null. */
const AS_GIVEN = { forceServerObjectId: true };

type Env = Readonly<Record<string, string>>;

Deno.test("documents of before and changes meanwhile give the state of each document, over kills", async () => {
  const bucket = uniqueName("snapshot");
  await ensureBucket(bucket);
  await using writer = createMongoWriter(uniqueName("snapshot"));
  const db = writer.client.db(writer.database);
  const names = ["orders", "items"];
  await writer.insert(names, DOCUMENTS);
  await db.collection("orders").insertMany(
    ODD_IDS.map((_id) => ({ _id, n: -1 })) as never,
    AS_GIVEN,
  );
  await using proxy = new FaultProxy({ target: address(s3Endpoint()) });
  const env = {
    ...{ ...sourceSettings(writer.database), ...s3Settings(bucket, "lake", proxy.url) },
    ...{ MONGODB_COLLECTIONS: names.join(","), SNAPSHOT: "initial", BATCH_SIZE: "100" },
  };
  await using changes = new Changes(db, names);
  // Else a fast machine has stored all before it is killed.
  proxy.setMode({ kind: "delay", ms: KILLED_DELAY_MS });
  for (let kill = 0; kill < KILLS; kill++) {
    await using program = startProgram(["run"], { env });
    await program.line(/Batch stored.*snapshot:/);
    if (kill === 0) changes.begin();
    program.kill("SIGKILL");
    await program.ended;
  }
  proxy.setMode({ kind: "pass" });
  await using last = startProgram(["run"], { env });
  await complete([last], names);
  const events = await changes.end();
  await waitForRows(events, createRowCounter(bucket, "lake/"));
  await stop(last);
  await withLake(bucket, (folder) => assertRight(folder, db, names, env));
});

Deno.test("three copies share the ranges of snapshots, and one dies among them", async () => {
  const bucket = uniqueName("snapshot");
  await ensureBucket(bucket);
  await using writer = createMongoWriter(uniqueName("snapshot"));
  const db = writer.client.db(writer.database);
  const names = Array.from({ length: 6 }, (_, i) => `c${i + 1}`);
  await writer.insert(names, DOCUMENTS);
  await using proxy = new FaultProxy({ target: address(s3Endpoint()) });
  const env = {
    ...{ ...sourceSettings(writer.database), ...s3Settings(bucket, "lake", proxy.url) },
    ...{ MONGODB_COLLECTIONS: names.join(","), SNAPSHOT: "initial", BATCH_SIZE: "50" },
    ...{
      REDIS_URL: redisUrl(),
      PIPELINE_NAME: bucket,
      DISTRIBUTED_LOCK_TTL: "6s",
      DISTRIBUTED_LOCK_REFRESH_INTERVAL: "2s",
    },
  };
  const start = (name: string) => startProgram(["run"], { env: { ...env, INSTANCE_NAME: name } });
  await using changes = new Changes(db, names);
  proxy.setMode({ kind: "delay", ms: SLOW_MS });
  await using first = start("one");
  await using second = start("two");
  await using third = start("three");
  const copies = [first, second, third];
  await Promise.all(copies.map((each) => each.line(/Stream started.*snapshot:/, COMPLETE_MS_MAX)));
  changes.begin();
  first.kill("SIGKILL");
  proxy.setMode({ kind: "pass" });
  await complete([second, third], names);
  const events = await changes.end();
  await waitForRows(events, createRowCounter(bucket, "lake/"));
  for (const each of [second, third]) await stop(each);
  await withLake(bucket, (folder) => assertRight(folder, db, names, env));
});

Deno.test("what was not stored before the server forgot its time is read again, and nothing comes twice", async () => {
  await using server = await startMongod({
    args: ["--setParameter", "minSnapshotHistoryWindowInSeconds=3"],
  });
  await using client = new MongoClient(server.url);
  await using proxy = new FaultProxy({ target: address(s3Endpoint()) });
  const bucket = uniqueName("snapshot");
  await ensureBucket(bucket);
  const journal = await Deno.makeTempDir();
  const db = client.db("shop");
  await db.collection("orders").insertMany(Array.from({ length: DOCUMENTS }, (_, n) => ({ n })));
  const env = {
    ...{ ...sourceSettings("shop"), ...s3Settings(bucket, "lake", proxy.url) },
    ...{ MONGODB_URI: server.url, JOURNAL: `file://${journal}`, BATCH_SIZE: "300" },
    ...{ MONGODB_COLLECTIONS: "orders", SNAPSHOT: "initial" },
  };
  await using changes = new Changes(db, ["orders"]);
  {
    await using program = startProgram(["run"], { env });
    await program.line(/Batch stored.*snapshot:/);
    proxy.setMode({ kind: "refuse" });
    // Records are appended as long as few of them wait for their objects.
    await hasRecord(journal, /"chunk"/, 4);
    changes.begin();
    const { operationTime } = await db.command({ ping: 1 });
    program.kill("SIGKILL");
    await program.ended;
    await forgotten(db, operationTime);
  }
  proxy.setMode({ kind: "pass" });
  await using last = startProgram(["run"], { env });
  await complete([last], ["orders"]);
  await hasRecord(journal, /"kind": "emptied"/, 1);
  const events = await changes.end();
  await waitForRows(events, () => streamRows(journal));
  await stop(last);
  await withLake(bucket, (folder) => assertRight(folder, db, ["orders"], env));
  await Deno.remove(journal, { recursive: true });
});

Deno.test("a database stream has the documents of all its collections, also of capped ones", async () => {
  const bucket = uniqueName("snapshot");
  await ensureBucket(bucket);
  await using writer = createMongoWriter(uniqueName("snapshot"));
  const db = writer.client.db(writer.database);
  const names = ["orders", "items"];
  await writer.insert(names, 500);
  await db.createCollection("empty");
  await db.createCollection("log", { capped: true, size: 4096 });
  await db.collection("log").insertOne({ n: 1 });
  await db.createCollection("view", { viewOn: "orders", pipeline: [] });
  const env = {
    ...{ ...sourceSettings(writer.database), ...s3Settings(bucket, "lake") },
    ...{ SNAPSHOT: "initial" },
  };
  await using program = startProgram(["run"], { env });
  await program.line(/snapshot is complete.*database:/, COMPLETE_MS_MAX);
  await db.collection("orders").updateOne({ n: 7 }, { $set: { paid: true } });
  await db.collection("items").deleteOne({ n: 7 });
  await waitForRows(2, createRowCounter(bucket, "lake/"));
  await stop(program);
  await withLake(bucket, (folder) => assertRight(folder, db, [...names, "log", "empty"], env));
});

/** What applications do meanwhile. */
class Changes implements AsyncDisposable {
  readonly #collections: Collection[];
  readonly #stop = new AbortController();
  #running: Promise<number>[] = [];

  constructor(db: Db, names: readonly string[]) {
    this.#collections = names.map((name) => db.collection(name));
  }

  begin(): void {
    this.#running = this.#collections.map((each) => change(each, this.#stop.signal));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  /** Answers how many events there were. */
  async end(): Promise<number> {
    this.#stop.abort();
    return (await Promise.all(this.#running)).reduce((sum, each) => sum + each, 0);
  }
}

/** Inserts, changes and deletes until it is told to stop; answers how many events that makes. */
async function change(collection: Collection, stop: AbortSignal): Promise<number> {
  let events = 0;
  for (let n = 0; !stop.aborted; n++) {
    await collection.insertOne({ n: DOCUMENTS + n, text: "new" });
    const updated = await collection.updateOne({ n: (n * 37) % DOCUMENTS }, { $set: { at: n } });
    const deleted = await collection.deleteOne({ n: (n * 101) % DOCUMENTS });
    events += 1 + updated.modifiedCount + deleted.deletedCount;
    await sleep(systemClock, 20, stop).catch(() => {}); // Others want to write as well.
  }
  return events;
}

/** Waits until one of the copies has said of each collection that its snapshot is complete. */
async function complete(programs: readonly Program[], names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => {
    const pattern = new RegExp(`snapshot is complete.*\\.${name}"`);
    return Promise.any(programs.map((each) => each.line(pattern, COMPLETE_MS_MAX)));
  }));
}

async function stop(program: Program): Promise<void> {
  program.kill("SIGTERM");
  assert.equal((await program.ended).code, 0);
}

/** Waits until so many records of ranges fit the pattern. */
async function hasRecord(journal: string, pattern: RegExp, count: number): Promise<void> {
  const folder = `${journal}/_tributary/ranges`;
  const found = await waitUntil(systemClock, COMPLETE_MS_MAX, async () => {
    const files = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
    let fits = 0;
    for (const { name } of files) {
      for await (const record of Deno.readDir(`${folder}/${name}`)) {
        if (!record.isFile) continue;
        if (pattern.test(await Deno.readTextFile(`${folder}/${name}/${record.name}`))) fits++;
      }
    }
    return fits >= count ? true : undefined;
  });
  assert(found, `fewer than ${count} records of ranges fit ${pattern}`);
}

/** How many rows the journal of the stream names. */
async function streamRows(journal: string): Promise<number> {
  const folder = `${journal}/_tributary/streams/collection.shop.orders`;
  let rows = 0;
  for await (const { name } of Deno.readDir(folder)) {
    if (!/^\d{16}\.json$/.test(name)) continue;
    const { objects = [] } = JSON.parse(await Deno.readTextFile(`${folder}/${name}`));
    for (const each of objects) rows += each.rows;
  }
  return rows;
}

/** Waits until the server does not know any more what was there at that time. */
async function forgotten(db: Db, atClusterTime: Timestamp): Promise<void> {
  const found = await waitUntil(systemClock, FORGOTTEN_MS_MAX, async () => {
    await db.collection("elsewhere").insertOne({});
    const readConcern = { level: "snapshot", atClusterTime };
    return await db.command({ find: "orders", limit: 1, readConcern })
      .then(() => undefined, () => true);
  });
  assert(found, "the server still knows that time");
}

function address(url: string): { hostname: string; port: number } {
  const { hostname, port } = new URL(url);
  return { hostname, port: Number(port) };
}

/** Gives the lake's objects in a folder. */
async function withLake(bucket: string, work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await downloadLake(bucket, "lake/", folder);
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The lake tells the state of each document, each that stayed has one snapshot row, and `verify` finds nothing. */
async function assertRight(
  folder: string,
  db: Db,
  names: readonly string[],
  env: Env,
): Promise<void> {
  for (const name of names) {
    const documents = await db.collection(name).find({}, { promoteValues: false }).toArray();
    await assertSameState(folder, name, documents);
    const stayed = documents.filter(({ n }) => Number(n) < DOCUMENTS).map(({ _id }) => _id);
    await assertOneRowEach(folder, name, stayed);
  }
  const verified = await runProgram(["verify", "--read"], { env });
  assert.equal(verified.code, 0, verified.stdout + verified.stderr);
}
