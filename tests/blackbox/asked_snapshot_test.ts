/** Snapshots that a person asks for, in a lake that knew of none. */
import assert from "node:assert/strict";
import type { Collection, Db } from "mongodb";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { systemClock } from "../../src/support/clock.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { redisUrl, uniqueName } from "../support/services.ts";
import { streamingSettings } from "./settings.ts";
import {
  assertRight,
  complete,
  COMPLETE_MS_MAX,
  type Env,
  type SnapshotBucket,
  snapshotBucket,
  stop,
} from "./snapshot_place.ts";

const DOCUMENTS = 2_000;
/** So long a piece of a request waits: the snapshot must not end before a person comes. */
const SLOW_MS = 300;

interface Scene {
  readonly at: SnapshotBucket;
  readonly db: Db;
  readonly orders: Collection;
  /** What a verb says on standard output, where it ends with `code`. It does not wait for the store. */
  said(args: readonly string[], code?: number): Promise<string>;
}

/** A collection that is full when its stream begins, without a snapshot. */
async function withScene(work: (scene: Scene) => Promise<void>): Promise<void> {
  await using writer = createMongoWriter(uniqueName("asked"));
  await writer.insert(["orders"], DOCUMENTS);
  await using at = await snapshotBucket({
    ...{ ...streamingSettings(writer.database), MONGODB_COLLECTIONS: "orders", BATCH_SIZE: "25" },
    ...{ REDIS_URL: redisUrl(), LEASES: "redis" },
  });
  const said = async (args: readonly string[], code = 0) => {
    const ended = await runProgram(args, { env: at.past });
    assert.equal(ended.code, code, ended.stdout + ended.stderr);
    return code === 0 ? ended.stdout : ended.stderr;
  };
  const db = writer.client.db(writer.database);
  await work({ at, db, orders: db.collection("orders"), said });
}

/** Waits until the stream has a journal: events from then on are in it. */
async function hasBegun(env: Env): Promise<void> {
  const found = await waitUntil(systemClock, COMPLETE_MS_MAX, async () => {
    const { code } = await runProgram(["position", "show"], { env });
    return code === 0 ? true : undefined;
  });
  assert(found, "the stream has not begun");
}

Deno.test("a snapshot that somebody asks for is paused, read on, and gives each document one row", async () => {
  await withScene(async ({ at, db, orders, said }) => {
    const name = `${orders.dbName}.orders`;
    const early = await said(["snapshot", "start", name], 1);
    assert.match(early, /no stream of this lake brings its changes/);
    await using program = startProgram(["run"], { env: at.through });
    await program.line(/Stream started/, COMPLETE_MS_MAX);
    await hasBegun(at.past);
    await orders.updateOne({ n: 1 }, { $set: { paid: true } });
    // Nothing of it can be stored before a second one was refused.
    at.proxy.setMode({ kind: "pause" });
    assert.match(await said(["snapshot", "start", name]), /asked-1 of .*: about 2,000 documents/);
    assert.match(await said(["snapshot", "start", name], 1), /one is under way/);
    at.proxy.setMode({ kind: "delay", ms: SLOW_MS });
    await program.line(/Batch stored.*snapshot:/, COMPLETE_MS_MAX);
    await said(["snapshot", "pause", name]);
    await program.line(/Stream stopped.*snapshot:/, COMPLETE_MS_MAX);
    assert.match(await said(["snapshot", "status"]), /asked-1 +paused/);
    // The stream goes on meanwhile.
    const ofStream = /Batch stored.*"collection:/;
    const before = program.count(ofStream);
    await orders.updateOne({ n: 2 }, { $set: { paid: true } });
    await orders.deleteOne({ n: 3 });
    await program.line(ofStream, COMPLETE_MS_MAX, before);
    at.proxy.setMode({ kind: "pass" });
    await said(["snapshot", "resume", name]);
    await complete(at.past, [name]);
    const [shown] = JSON.parse(await said(["snapshot", "status", name, "--json"]));
    assert(shown.documentsRead >= DOCUMENTS - 1, JSON.stringify(shown));
    await stop(program);
    await assertRight(at, db, ["orders"]);
  });
});

Deno.test("a snapshot that is cancelled is closed, another may follow, and a filter holds", async () => {
  await withScene(async ({ at, orders, said }) => {
    const name = `${orders.dbName}.orders`;
    {
      await using program = startProgram(["run"], { env: at.through });
      await program.line(/Stream started/, COMPLETE_MS_MAX);
      await hasBegun(at.past);
      at.proxy.setMode({ kind: "delay", ms: SLOW_MS });
      await said(["snapshot", "start", name]);
      await program.line(/Batch stored.*snapshot:/, COMPLETE_MS_MAX);
      // Records may be without their objects now.
      program.kill("SIGKILL");
      await program.ended;
    }
    at.proxy.setMode({ kind: "pass" });
    await said(["snapshot", "cancel", name]);
    await using program = startProgram(["run"], { env: at.through });
    await program.line(/snapshot is cancelled/, COMPLETE_MS_MAX);
    assert.match(await said(["snapshot", "status", name]), /asked-1 +cancelled/);
    await said(["verify", "--read"]);
    assert.match(await said(["snapshot", "start", name, "--where", `{"$n": 1}`], 1), /filter/);
    await said(["snapshot", "start", name, "--where", `{"n": {"$gte": 1900}}`]);
    await program.line(/snapshot is complete/, COMPLETE_MS_MAX);
    const reports = JSON.parse(await said(["snapshot", "status", name, "--json"]));
    const last = reports.at(-1);
    assert.deepEqual([last.id.slice(-7), last.documentsRead], ["asked-2", 100]);
    await stop(program);
    const verified = await said(["verify", "--read"]);
    assert.match(verified, /asked|snapshot/);
  });
});
