/** Events that MongoDB cannot produce: each is one dead letter, and all others are rows. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Db } from "mongodb";
import { awaitLineLake, inShort, LINE_LAKE, readLineLake } from "../support/line_lake.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { uniqueName } from "../support/services.ts";
import { streamingSettings } from "./settings.ts";

type Row = { readonly _id: number; n?: number; text?: string };

/** Two of them in one event are over the limit of 16 MB. */
const BIG = "x".repeat(10 * 1024 * 1024);

Deno.test("images that are switched off while it runs cost the updates and no insert, at each level", async (t) => {
  const levels: Record<string, Record<string, string>> = {
    collection: { MONGODB_COLLECTIONS: "orders,items" },
    partitions: { MONGODB_COLLECTIONS: "orders,items", PARTITIONS: "3" },
    database: {},
    stages: {},
  };
  for (const [level, env] of Object.entries(levels)) {
    await t.step(level, () => switchImagesOff(level, env));
  }
});

/** The lines that say that all streams are open. */
const OPENED: Record<string, RegExp[]> = {
  collection: ["orders", "items"].map((name) => new RegExp(`Change stream opened.*${name}`)),
  partitions: ["orders", "items"].flatMap((name) =>
    [1, 2, 3].map((n) => new RegExp(`Change stream opened.*${name} ${n}/3`))
  ),
};

async function switchImagesOff(level: string, more: Record<string, string>): Promise<void> {
  const stages = level === "stages"
    ? 'pipeline: [{ $match: { "fullDocument._id": { $ne: 99 } } }]'
    : "";
  await using at = await place({ FULL_DOCUMENT: "required", ...more }, stages);
  for (const name of ["orders", "items"]) {
    await at.db.createCollection(name, { changeStreamPreAndPostImages: { enabled: true } });
  }
  await at.db.collection<Row>("items").insertOne({ _id: 0 });
  await at.db.collection<Row>("orders").insertOne({ _id: 0 });
  await using program = startProgram(["run", "--config", at.file], { env: at.env });
  for (const opened of OPENED[level] ?? [/Change stream opened/]) await program.line(opened);
  const orders = at.db.collection<Row>("orders");
  await orders.updateOne({ _id: 0 }, { $inc: { n: 1 } });
  await awaitLineLake(at.lake, ({ rows }) => rows.length === 1);
  await at.db.command({ collMod: "orders", changeStreamPreAndPostImages: { enabled: false } });
  const rows = ["u0"];
  const dead: string[] = [];
  for (const id of [10, 11, 12]) {
    await orders.updateOne({ _id: 0 }, { $inc: { n: 1 } });
    dead.push("u0");
    // Nothing comes behind it: the dead letter must not wait for more.
    await awaitLineLake(at.lake, (lake) => lake.dead.length === dead.length);
    await orders.insertOne({ _id: id });
    await at.db.collection<Row>("items").updateOne({ _id: 0 }, { $inc: { n: 1 } });
    rows.push(`i${id}`, "u0");
    await awaitLineLake(at.lake, (lake) => lake.rows.length === rows.length);
  }
  await at.finish(program);
  const lake = await readLineLake(at.lake);
  assert.deepEqual(inShort(lake).rows.sort(), rows.sort());
  assert.deepEqual(inShort(lake).dead, dead);
  assert.ok(lake.dead.every((event) => event["fullDocument"] === null));
}

Deno.test("an event over 16 MB costs itself only, in a transaction and with an insert right behind", async () => {
  await using at = await place({ FULL_DOCUMENT: "update-lookup" });
  const orders = at.db.collection<Row>("orders");
  await orders.insertOne({ _id: 0, text: BIG });
  await using program = startProgram(["run", "--config", at.file], { env: at.env });
  await program.line(/Change stream opened/);
  const rows: string[] = [];
  await orders.updateOne({ _id: 0 }, { $set: { text: BIG + "y" } });
  await orders.insertOne({ _id: 1 });
  rows.push("i1");
  await at.db.client.withSession((session) =>
    session.withTransaction(async () => {
      for (let id = 100; id < 126; id++) {
        if (id === 104) {
          await orders.updateOne({ _id: 0 }, { $set: { text: BIG + id } }, { session });
        } else await orders.insertOne({ _id: id }, { session });
      }
    })
  );
  for (let id = 100; id < 126; id++) if (id !== 104) rows.push(`i${id}`);
  await awaitLineLake(at.lake, (lake) => lake.rows.length + lake.dead.length >= rows.length + 2);
  await at.finish(program);
  const lake = await readLineLake(at.lake);
  assert.deepEqual(inShort(lake), { rows, dead: ["u0", "u0"] });
  assert.deepEqual(lake.dead.map(({ updateDescription: d }) => d.updatedFields.text.length), [
    BIG.length + 1,
    BIG.length + 3,
  ]);
});

Deno.test("what is missing of a range with unreadable events is made again, byte for byte", async () => {
  await using at = await place({
    FULL_DOCUMENT: "required",
    BATCH_SIZE: "40",
    BATCH_TIMEOUT: "1h",
  });
  const orders = at.db.collection<Row>("orders");
  await orders.insertOne({ _id: 0 });
  await using program = startProgram(["run", "--config", at.file], { env: at.env });
  await program.line(/Change stream opened/);
  const rows: string[] = [];
  for (let id = 1; id <= 20; id++) {
    await orders.updateOne({ _id: 0 }, { $inc: { n: 1 } });
    await orders.insertOne({ _id: id });
    rows.push(`i${id}`);
  }
  const before = await awaitLineLake(at.lake, (lake) => {
    return lake.rows.length === 20 && lake.dead.length === 20;
  });
  program.kill("SIGKILL");
  await program.ended;
  // As if it had died between the records and their objects.
  const contents = new Map<string, Uint8Array>();
  for (const file of before.files) {
    contents.set(file, await Deno.readFile(join(at.lake, file)));
    await Deno.remove(join(at.lake, file));
  }
  await using again = startProgram(["run", "--config", at.file], { env: at.env });
  await again.line(/Change stream opened/);
  await at.finish(again);
  const after = await readLineLake(at.lake);
  assert.deepEqual(inShort(after), { rows, dead: rows.map(() => "u0") });
  assert.deepEqual(after.files, before.files);
  for (const [file, bytes] of contents) {
    assert.deepEqual(await Deno.readFile(join(at.lake, file)), bytes, file);
  }
});

/** A database and a folder for its lake. */
async function place(more: Record<string, string>, yaml = "") {
  const writer = createMongoWriter(uniqueName("unreadable"));
  const folder = await Deno.makeTempDir();
  const lake = join(folder, "lake");
  const file = join(folder, "tributary.yaml");
  await Deno.writeTextFile(file, yaml);
  const db: Db = writer.client.db(writer.database);
  const env = {
    ...streamingSettings(writer.database),
    ...LINE_LAKE,
    DESTINATION: `file://${lake}`,
    ...more,
  };
  return {
    lake,
    file,
    db,
    env,
    /** Stops it cleanly, and the lake is whole. */
    async finish(program: ReturnType<typeof startProgram>): Promise<void> {
      program.kill("SIGTERM");
      assert.equal((await program.ended).code, 0, program.stderr.join("\n"));
      const { code, stdout, stderr } = await runProgram(["verify"], { env });
      assert.equal(code, 0, stdout + stderr);
    },
    async [Symbol.asyncDispose]() {
      await writer[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}
