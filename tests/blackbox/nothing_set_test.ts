/** What people get who say nothing of documents that are there. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Collection } from "mongodb";
import { queryLake } from "../support/lake.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { BEFORE_JOURNAL, extractOlderVersion } from "../support/older_version.ts";
import { type Program, runProgram, startProgram } from "../support/program.ts";
import { uniqueName } from "../support/services.ts";
import { assertOneRowEach, assertSameState } from "../support/snapshot_state.ts";
import { waitForFolder } from "./judge.ts";
import { sourceSettings } from "./settings.ts";
import { complete, COMPLETE_MS_MAX, type Env, stop } from "./snapshot_place.ts";

const DOCUMENTS = 200;

interface Scene extends AsyncDisposable {
  readonly orders: Collection;
  readonly folder: string;
  readonly lake: string;
  readonly env: Env;
  start(executable?: string): Program;
}

/** Orders that are there, and nothing set but what and where. */
async function createScene(more: Env = {}): Promise<Scene> {
  const writer = createMongoWriter(uniqueName("nothing"));
  await writer.insert(["orders"], DOCUMENTS);
  const folder = await Deno.makeTempDir();
  const lake = join(folder, "lake");
  const env = {
    ...{ ...sourceSettings(writer.database), MONGODB_COLLECTIONS: "orders,later" },
    ...{ DESTINATION: `file://${lake}`, ...more },
  };
  return {
    ...{ folder, lake, env },
    orders: writer.client.db(writer.database).collection("orders"),
    start: (executable) =>
      startProgram(["run"], { env, ...(executable === undefined ? {} : { executable }) }),
    async [Symbol.asyncDispose]() {
      await writer[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function operationsOf(lake: string): Promise<Record<string, number>> {
  const rows = await queryLake(
    lake,
    "SELECT operation, count(*)::INT AS n FROM lake GROUP BY operation ORDER BY operation",
  );
  return Object.fromEntries(rows.map(({ operation, n }) => [operation, Number(n)]));
}

async function assertNoSnapshot(env: Env): Promise<void> {
  const { stdout, stderr } = await runProgram(["snapshot", "status"], { env });
  assert.match(stdout + stderr, /There is no snapshot in this lake/);
}

/** What `check` says of snapshots. */
async function foundOf(env: Env): Promise<{ state: string; text: string }[]> {
  const { code, stdout, stderr } = await runProgram(["check", "--json"], { env });
  assert.equal(code, 0, stdout + stderr);
  const { checks }: { checks: { subject: string; state: string; text: string }[] } = JSON.parse(
    stdout,
  );
  return checks.filter(({ subject }) => subject === "Snapshots");
}

/** All streams read: what comes from now on are events. */
async function opened(program: Program): Promise<void> {
  await program.line(/Change stream opened.*orders/, COMPLETE_MS_MAX);
  await program.line(/Change stream opened.*later/, COMPLETE_MS_MAX);
}

Deno.test("with nothing set each document that is there is a row once, changes follow, and a restart reads none again", async () => {
  await using scene = await createScene();
  const { orders, lake, env } = scene;
  const [found] = await foundOf(env);
  assert.match(found!.text, /the first start reads about 200 documents/);
  const before = await orders.find().toArray();
  {
    await using program = scene.start();
    await complete(env, [`${orders.dbName}.orders`]);
    await orders.insertOne({ n: -1 });
    await orders.deleteOne({ _id: before[0]!._id });
    await waitForFolder(lake, DOCUMENTS + 2);
    await stop(program);
  }
  {
    await using program = scene.start();
    await opened(program);
    await orders.updateOne({ _id: before[1]!._id }, { $set: { n: -2 } });
    await waitForFolder(lake, DOCUMENTS + 3);
    await stop(program);
  }
  assert.deepEqual(await operationsOf(lake), {
    ...{ delete: 1, insert: 1, snapshot: DOCUMENTS, update: 1 },
  });
  await assertOneRowEach(lake, "orders", before.map(({ _id }) => _id));
  await assertSameState(lake, "orders", await orders.find().toArray());
  assert.deepEqual(await foundOf(env), []);
});

const WITHOUT: [Record<string, string>, RegExp][] = [
  [{ FULL_DOCUMENT: "off" }, /FULL_DOCUMENT=off.*FULL_DOCUMENT=update-lookup/],
  [{ START_FROM: "earliest" }, /START_FROM=earliest.*SNAPSHOT=initial/],
];

for (const [more, why] of WITHOUT) {
  Deno.test(`with ${JSON.stringify(more)} and nothing of documents there are only changes, and it is said why`, async () => {
    await using scene = await createScene(more);
    const { orders, lake, env } = scene;
    const [found] = await foundOf(env);
    assert.equal(found!.state, "ok");
    assert.match(found!.text, why);
    await using program = scene.start();
    await program.line(why, COMPLETE_MS_MAX);
    await opened(program);
    await orders.insertOne({ n: -1 });
    await waitForFolder(lake, 1);
    await stop(program);
    await assertNoSnapshot(env);
    const told = program.stderr.filter((line) => /become no rows/.test(line));
    assert.equal(told.length, 1, "once, for both collections");
    assert.equal((await operationsOf(lake))["snapshot"], undefined);
  });
}

Deno.test("what an older version has begun gets nothing by itself; `check` names it, and a command reads it", async () => {
  await using scene = await createScene();
  const { orders, lake, env, folder } = scene;
  const older = await extractOlderVersion(folder, BEFORE_JOURNAL);
  {
    await using program = scene.start(older);
    await opened(program);
    await orders.insertOne({ n: -1 });
    await waitForFolder(lake, 1);
    await stop(program);
  }
  await using program = scene.start();
  await opened(program);
  await orders.insertOne({ n: -2 });
  await waitForFolder(lake, 2);
  await assertNoSnapshot(env);
  assert.deepEqual(await operationsOf(lake), { insert: 2 });
  const [found] = await foundOf(env);
  const name = `${orders.dbName}.orders`;
  assert.equal(found!.state, "warning");
  assert.match(found!.text, new RegExp(`${name}.*begun without.*tributary snapshot start`));
  assert.equal((await runProgram(["snapshot", "start", name], { env })).code, 0);
  await complete(env, [name]);
  await stop(program);
  await assertSameState(lake, "orders", await orders.find().toArray());
});
