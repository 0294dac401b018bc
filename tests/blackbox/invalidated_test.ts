/** What is watched is dropped or renamed, as the server's last operation: no start may stand on a token that is none. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Db } from "mongodb";
import { awaitLineLake, inShort, LINE_LAKE } from "../support/line_lake.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { type Program, runProgram, startProgram } from "../support/program.ts";
import { uniqueName } from "../support/services.ts";
import { streamingSettings } from "./settings.ts";

type Row = { readonly _id: number };

/** How a collection goes away, and what its stream says of it; where a change stream ends, an invalidate follows. */
const WAYS: Record<string, { readonly go: (db: Db) => Promise<unknown>; readonly says: string }> = {
  drop: { go: (db) => db.collection("orders").drop(), says: "drop" },
  rename: {
    go: (db) => db.collection("orders").rename("old", { dropTarget: true }),
    says: "rename",
  },
  "rename over it": {
    go: async (db) => {
      await db.collection<Row>("other").insertOne({ _id: 0 });
      await db.collection("other").rename("orders", { dropTarget: true });
    },
    says: "rename",
  },
  dropDatabase: { go: (db) => db.dropDatabase(), says: "drop" },
  "drop and create": {
    go: async (db) => {
      await db.collection("orders").drop();
      await db.createCollection("orders");
    },
    says: "drop",
  },
};

const LEVELS: Record<string, Record<string, string>> = {
  collection: { MONGODB_COLLECTIONS: "orders" },
  "lone collection": { MONGODB_COLLECTIONS: "orders", READING: "own" },
  partitions: { MONGODB_COLLECTIONS: "orders", PARTITIONS: "2" },
};

for (const [level, env] of Object.entries(LEVELS)) {
  Deno.test(`a ${level} stream begins and goes on right behind what ends it`, async (t) => {
    for (const [way, { go, says: event }] of Object.entries(WAYS)) {
      const says = level === "collection" ? [event] : [event, "invalidate"];
      await t.step(way, async () => {
        await using at = await place(env);
        const orders = at.db.collection<Row>("orders");
        await orders.insertOne({ _id: 0 });
        await go(at.db);
        await using first = await at.start(Number(env["PARTITIONS"] ?? 1));
        await orders.insertOne({ _id: 1 });
        await at.finish(first, ["i1"]);
        await go(at.db);
        await using second = await at.start(Number(env["PARTITIONS"] ?? 1));
        await at.see(["i1", ...says]);
        second.kill("SIGKILL");
        await second.ended;
        await using third = await at.start(Number(env["PARTITIONS"] ?? 1));
        await orders.insertOne({ _id: 2 });
        await go(at.db);
        await at.finish(third, ["i1", ...says, "i2", ...says]);
      });
    }
  });
}

Deno.test("a database stream begins and goes on right behind the drop of its database", async () => {
  await using at = await place({});
  const orders = at.db.collection<Row>("orders");
  await orders.insertOne({ _id: 0 });
  await at.db.dropDatabase();
  await using first = await at.start(1);
  await orders.insertOne({ _id: 1 });
  await at.finish(first, ["i1"]);
  await at.db.dropDatabase();
  const says = ["drop", "dropDatabase", "invalidate"];
  await using second = await at.start(1);
  await at.see(["i1", ...says]);
  second.kill("SIGKILL");
  await second.ended;
  await using third = await at.start(1);
  await orders.insertOne({ _id: 2 });
  await at.finish(third, ["i1", ...says, "i2"]);
});

Deno.test("a collection that was dropped is divided anew and retired right behind its drop", async () => {
  await using at = await place(LEVELS["collection"]!);
  const orders = at.db.collection<Row>("orders");
  const name = `${at.db.databaseName}.orders`;
  await using first = await at.start(1);
  await orders.insertOne({ _id: 1 });
  await at.finish(first, ["i1"]);
  await orders.drop();
  await at.verb("layout", "set", name, "2");
  // Partitions have change streams of their own.
  const gone = ["i1", "drop"];
  await using second = await at.start(2);
  await orders.insertOne({ _id: 2 });
  await at.finish(second, [...gone, "i2"]);
  await orders.drop();
  await at.verb("layout", "retire", name);
  await at.see([...gone, "i2", "drop", "invalidate"]);
  // From there the database goes on.
  const database = { MONGODB_COLLECTIONS: "" };
  await using third = await at.start(1, database);
  await orders.insertOne({ _id: 3 });
  await at.finish(third, [...gone, "i2", "drop", "invalidate", "i3"], database);
});

Deno.test("a journal on a position that no server made, marked as an invalidate, goes on", async () => {
  await using at = await place(LEVELS["collection"]!);
  const orders = at.db.collection<Row>("orders");
  await orders.insertOne({ _id: 0 });
  await orders.drop();
  await using first = await at.start(1);
  await at.finish(first, []);
  await at.poison();
  await using second = await at.start(1);
  await orders.insertOne({ _id: 1 });
  await at.finish(second, ["i1"]);
});

Deno.test("START_FROM takes the token of a drop or an invalidate, and refuses one that no server made", async () => {
  await using at = await place(LEVELS["lone collection"]!);
  const orders = at.db.collection<Row>("orders");
  await using first = await at.start(1);
  await orders.insertOne({ _id: 1 });
  await orders.drop();
  await at.finish(first, ["i1", "drop", "invalidate"]);
  const { rows } = await awaitLineLake(at.lake, () => true);
  for (const { operation, resume_token: token } of rows) {
    await using other = await place({
      ...at.env,
      DESTINATION: `${at.env["DESTINATION"]}-${operation}`,
    });
    const env = { ...other.env, START_FROM: token };
    for (const cut of [token.slice(0, 18) + "FF", token.slice(0, 60)]) {
      const { code, stderr } = await runProgram(["run"], { env: { ...env, START_FROM: cut } });
      assert.equal(code, 1, stderr);
      assert.match(stderr, new RegExp(`START_FROM.*${cut}`));
    }
    await using program = startProgram(["run"], { env });
    await program.line(/Change stream opened/);
    program.kill("SIGTERM");
    assert.equal((await program.ended).code, 0, program.stderr.join("\n"));
  }
});

/** A database and a folder for its lake. */
async function place(more: Record<string, string>) {
  const writer = createMongoWriter(uniqueName("gone"));
  const folder = await Deno.makeTempDir();
  const lake = join(folder, "lake");
  const env: Record<string, string> = {
    ...streamingSettings(writer.database),
    ...LINE_LAKE,
    DESTINATION: `file://${lake}`,
    ...more,
  };
  const see = async (rows: string[]) => {
    const seen = await awaitLineLake(lake, (found) => found.rows.length >= rows.length);
    assert.deepEqual(inShort(seen).rows, rows);
  };
  return {
    lake,
    env,
    db: writer.client.db(writer.database),
    see,
    async start(streams: number, changed: Record<string, string> = {}): Promise<Program> {
      const program = startProgram(["run"], { env: { ...env, ...changed } });
      for (let n = 1; n <= streams; n++) {
        await program.line(
          new RegExp(`Change stream opened.*${streams > 1 ? ` ${n}/${streams}` : ""}`),
        );
      }
      return program;
    },
    /** Stops it cleanly when these rows are there, and the lake is whole and has no others. */
    async finish(
      program: Program,
      rows: string[],
      changed: Record<string, string> = {},
    ): Promise<void> {
      await see(rows);
      program.kill("SIGTERM");
      assert.equal((await program.ended).code, 0, program.stderr.join("\n"));
      await see(rows);
      const { code, stdout, stderr } = await runProgram(["verify"], {
        env: { ...env, ...changed },
      });
      assert.equal(code, 0, stdout + stderr);
    },
    async verb(...args: string[]): Promise<void> {
      const { code, stdout, stderr } = await runProgram(args, { env });
      assert.equal(code, 0, stdout + stderr);
    },
    /** Makes of the journal's last record what versions before this have written. */
    async poison(): Promise<void> {
      const streams = join(lake, "_tributary", "streams");
      for await (const { name } of Deno.readDir(streams)) {
        const files = [...Deno.readDirSync(join(streams, name))].map((entry) => entry.name);
        const file = join(streams, name, files.filter((f) => f.endsWith(".json")).sort().at(-1)!);
        const record = JSON.parse(await Deno.readTextFile(file));
        const genesis = JSON.parse(
          await Deno.readTextFile(join(streams, name, `${"0".repeat(16)}.json`)),
        );
        assert.match(genesis.to.data, /FF$/);
        record.to = { ...genesis.to, invalidate: true };
        await Deno.writeTextFile(file, JSON.stringify(record, null, 2) + "\n");
      }
    },
    async [Symbol.asyncDispose]() {
      await writer[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}
