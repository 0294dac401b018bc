/** Two clusters whose sets have one name: the events of one must not go on in the journal of the other. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { MongoClient } from "mongodb";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { systemClock } from "../../src/support/clock.ts";
import { startGuardedMongod } from "../support/guarded_mongod.ts";
import { awaitLineLake, inShort, LINE_LAKE } from "../support/line_lake.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { streamingSettings } from "./settings.ts";

/** A second, and what a slow machine adds to it. */
const PASS_MS_MAX = 30_000;

type Row = { readonly _id: number };

const LEVELS: Record<string, Record<string, string>> = {
  collection: { MONGODB_COLLECTIONS: "orders" },
  partitions: { MONGODB_COLLECTIONS: "orders", PARTITIONS: "2" },
  database: {},
};

Deno.test("another cluster with the same set name is refused, whatever the user may see, until it is adopted", async (t) => {
  await using one = await startGuardedMongod();
  await using other = await startGuardedMongod();
  for (const [level, env] of Object.entries(LEVELS)) {
    await t.step(`${level}, a user with the role read`, async () => {
      await refuseAndAdopt(one, other, { ...env, MONGODB_URI: one.reader }, other.reader);
    });
  }
  await t.step("a user who may see all", async () => {
    await refuseAndAdopt(one, other, { MONGODB_URI: one.admin }, other.admin);
  });
  await t.step("a user who may see all at first, and less then", async () => {
    await refuseAndAdopt(one, other, { MONGODB_URI: one.admin }, other.reader);
  });
  await t.step("a user who may see more then", async () => {
    await refuseAndAdopt(one, other, { MONGODB_URI: one.reader }, other.admin);
  });
});

async function refuseAndAdopt(
  one: { readonly admin: string },
  other: { readonly admin: string },
  settings: Record<string, string>,
  otherUri: string,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const lake = join(folder, "lake");
  const env: Record<string, string> = {
    ...streamingSettings("shop"),
    ...LINE_LAKE,
    DESTINATION: `file://${lake}`,
    ...settings,
  };
  const elsewhere = { ...env, MONGODB_URI: otherUri };
  await using first = new MongoClient(one.admin);
  await using second = new MongoClient(other.admin);
  await Promise.all([first, second].map((client) => client.db("shop").dropDatabase()));
  const here = first.db("shop").collection<Row>("orders");
  const there = second.db("shop").collection<Row>("orders");
  await there.insertOne({ _id: 100 });
  await here.insertOne({ _id: 0 });
  const rows: string[] = [];
  const goOn = async (
    uri: Record<string, string>,
    write: () => Promise<unknown>,
    words: string[],
  ) => {
    await using program = startProgram(["run"], { env: uri });
    await program.line(/Change stream opened/);
    if (env["PARTITIONS"] !== undefined) {
      for (const n of [1, 2]) await program.line(new RegExp(`Change stream opened.* ${n}/2`));
    }
    await write();
    rows.push(...words);
    const seen = await awaitLineLake(lake, (found) => found.rows.length >= rows.length);
    assert.deepEqual(inShort(seen).rows.sort(), [...rows].sort());
    program.kill("SIGTERM");
    assert.equal((await program.ended).code, 0, program.stderr.join("\n"));
  };
  try {
    await goOn(env, () => here.insertMany([{ _id: 1 }, { _id: 2 }]), ["i1", "i2"]);
    await there.insertOne({ _id: 101 });
    // On the same cluster it goes on, also behind a drop, and where the collection is another one now.
    await goOn(env, () => here.insertOne({ _id: 3 }), ["i3"]);
    await here.drop();
    await here.insertOne({ _id: 4 });
    const drop = settings["PARTITIONS"] === undefined ? ["drop"] : ["drop", "invalidate"];
    await goOn(env, () => here.insertOne({ _id: 5 }), [...drop, "i4", "i5"]);
    await goOn(env, () => here.insertOne({ _id: 6 }), ["i6"]);
    // The other one has operations before and after the journal's last.
    await passTime(first, second);
    await there.insertOne({ _id: 102 });
    await assertRefused(elsewhere);
    const name = settings["MONGODB_COLLECTIONS"] === undefined ? "database:shop" : "shop.orders";
    const adopted = await runProgram(["position", "adopt", name], { env: elsewhere });
    assert.equal(adopted.code, 0, adopted.stdout + adopted.stderr);
    // What the other cluster did after the journal's end comes, too.
    await goOn(elsewhere, () => there.insertOne({ _id: 103 }), ["i102", "i103"]);
    const again = await runProgram(["position", "adopt", name], { env: elsewhere });
    assert.match(again.stderr, /nothing is wrong/);
    const verified = await runProgram(["verify"], { env: elsewhere });
    assert.equal(verified.code, 0, verified.stdout);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Waits until what `second` does next has a later time than all that `first` has done: two clusters count by themselves. */
async function passTime(first: MongoClient, second: MongoClient): Promise<void> {
  const { operationTime } = await first.db("admin").command({ ping: 1 });
  const passed = await waitUntil(systemClock, PASS_MS_MAX, async () => {
    const note = await second.db("admin").command({ appendOplogNote: 1, data: {} });
    return note["operationTime"].getHighBits() > operationTime.getHighBits() || undefined;
  });
  assert.ok(passed, "the clock of the other cluster does not pass");
}

/** Somebody may accept the other cluster while the program runs; it ends by a stop alone. */
async function assertRefused(env: Record<string, string>): Promise<void> {
  await using program = startProgram(["run"], { env });
  const why = await program.line(
    /another cluster whose set has the same name|written from replicaSetId/,
  );
  assert.match(why, /tributary position adopt/);
  program.kill("SIGTERM");
  assert.equal((await program.ended).code, 0, program.stderr.join("\n"));
}
