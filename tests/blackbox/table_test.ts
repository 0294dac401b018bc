/** Tables over a real lake, read by two engines that share no code with what wrote them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { createRowCounter, queryLake } from "../support/lake.ts";
import { createMongoWriter, type MongoWriter } from "../support/mongo_writer.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { ensureBucket } from "../support/s3_bucket.ts";
import { uniqueName } from "../support/services.ts";
import { queryTable } from "../support/table_readers.ts";
import { streamChangedOrders } from "./changed_orders.ts";
import { totalOf, waitForFolder, waitForRows } from "./judge.ts";
import { s3Settings, sourceSettings, streamingSettings } from "./settings.ts";
import { assertRead, sqlShown, tablesShown } from "./table_judge.ts";

const NAMES = ["orders", "order.items", "odd name"];
const DOCUMENTS = 700;

type Env = Readonly<Record<string, string>>;

/** Runs the program until the lake has everything that is inserted meanwhile. */
async function fill(
  writer: MongoWriter,
  env: Env,
  isThere: (rows: number) => Promise<void>,
): Promise<void> {
  await using program = startProgram(["run"], { env });
  // What is inserted before a journal has begun is of before the lake.
  for (const name of (env["MONGODB_COLLECTIONS"] ?? "").split(",")) {
    await program.line(new RegExp(`Change stream opened.*\\.${name}[" ]`));
  }
  await writer.insert(NAMES, DOCUMENTS);
  await isThere(totalOf(writer.inserted));
  program.kill("SIGTERM");
  assert.equal((await program.ended).code, 0);
}

async function build(
  env: Env,
  what: string,
): Promise<{ code: number; stdout: string; stderr: string }> {
  return await runProgram(["table", "build", what], { env });
}

Deno.test("a lake in a folder becomes tables, each again and again, that two engines read", async () => {
  const folder = await Deno.makeTempDir();
  await using writer = createMongoWriter(uniqueName("table"));
  const env = {
    ...streamingSettings(writer.database),
    ...{ MONGODB_COLLECTIONS: NAMES.join(","), DESTINATION: `file://${folder}` },
  };
  for (const round of [1, 2]) {
    await fill(writer, env, (rows) => waitForFolder(join(folder, "db=*"), rows));
    const built = await build(env, "all");
    assert.equal(built.code, 1, built.stderr);
    assert.match(built.stderr, /odd name: its folder ".*odd%20name\/" has a "%"/);
    for (const name of NAMES.slice(0, 2)) {
      const address = join(folder, `db=${writer.database}`, `coll=${name}`);
      assert.match(built.stdout, new RegExp(`\\.${name}: version ${round - 1} of file://`));
      await assertRead("delta", address, round * DOCUMENTS);
      const [raw] = await queryLake(`${address}/year=*`, "SELECT count(*) AS rows FROM lake");
      assert.equal(Number(raw!["rows"]), round * DOCUMENTS);
    }
  }
  const again = await build(env, `${writer.database}.orders`);
  assert.deepEqual([again.code, again.stderr], [0, ""]);
  assert.match(again.stdout, /^\S+\.orders: version 1 of \S+\/coll=orders\/\n?$/);
  await Deno.remove(folder, { recursive: true });
});

/** Names that need an escape, and one that is shortened: of each the folder. */
const ODD_NAMES = {
  "a/b": "a!2Fb",
  "a%b": "a!25b",
  "ä": "!C3!A4",
  "odd name": "odd!20name",
  ["ü".repeat(80)]: `${"!C3!BC".repeat(11)}~`,
};

for (const place of ["folder", "bucket"]) {
  Deno.test(`collections whatever their names have tables in a ${place}, where tables are on`, async () => {
    const folder = await Deno.makeTempDir();
    const bucket = uniqueName("table");
    await ensureBucket(bucket);
    await using writer = createMongoWriter(uniqueName("table"));
    const isFolder = place === "folder";
    const own = isFolder ? { DESTINATION: `file://${folder}` } : s3Settings(bucket, "lake");
    const env = {
      ...streamingSettings(writer.database),
      ...own,
      TABLES: "delta",
      TABLE_INTERVAL: "1s",
    };
    const names = Object.keys(ODD_NAMES);
    const rowsOf = async (name: string) => {
      const shown = { ...env, TABLES: "none" };
      const [table] = await tablesShown(shown, `${writer.database}.${name}`);
      return { rows: Number(table?.rows ?? 0), url: String(table?.url) };
    };
    await using program = startProgram(["run"], { env });
    await program.line(/Change stream opened/);
    await writer.insert(names, 20);
    for (const [name, coll] of Object.entries(ODD_NAMES)) {
      await waitForRows(20, async () => (await rowsOf(name)).rows);
      const { url } = await rowsOf(name);
      assert(url.includes(`/db=${writer.database}/coll=${coll}`), url);
      await assertRead("delta", url.replace(/^file:\/\/|\/$/g, ""), 20);
    }
    program.kill("SIGTERM");
    assert.equal((await program.ended).code, 0);
    const verified = await runProgram(["table", "verify", "all"], { env });
    assert.deepEqual([verified.code, verified.stderr], [0, ""], verified.stdout);
    assert.equal((await runProgram(["verify"], { env })).code, 0);
    await Deno.remove(folder, { recursive: true });
  });
}

Deno.test("a lake in a bucket, with a partitioned collection, becomes a table by two builds at once", async () => {
  const bucket = uniqueName("table");
  await ensureBucket(bucket);
  await using writer = createMongoWriter(uniqueName("table"));
  const env = {
    ...{ ...streamingSettings(writer.database), ...s3Settings(bucket, "lake") },
    ...{ MONGODB_COLLECTIONS: NAMES.slice(0, 2).join(","), PARTITIONS: "3" },
  };
  const counted = createRowCounter(bucket, "lake/");
  await fill(writer, env, (rows) => waitForRows(rows * 2 / 3, counted));
  const built = await Promise.all([build(env, "all"), build(env, "all")]);
  assert.deepEqual(built.map(({ code, stderr }) => [code, stderr]), [[0, ""], [0, ""]]);
  for (const name of NAMES.slice(0, 2)) {
    await assertRead("delta", `s3://${bucket}/lake/db=${writer.database}/coll=${name}`, DOCUMENTS);
  }
});

Deno.test("what is no collection, and a lake without journals, are said in one sentence", async () => {
  const folder = await Deno.makeTempDir();
  const env = { DESTINATION: `file://${folder}` };
  const wrong = await build(env, "shop");
  assert.deepEqual([wrong.code, wrong.stderr], [
    2,
    'tributary: "shop" is no collection: write it as shop.orders, or write all',
  ]);
  const empty = await build(env, "all");
  assert.equal(empty.code, 1);
  assert.match(empty.stderr, /There is no journal below file:/);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("tables follow a lake while it is written, over kills, and by one copy of two", async () => {
  const bucket = uniqueName("table");
  await ensureBucket(bucket);
  await using writer = createMongoWriter(uniqueName("table"));
  const names = NAMES.slice(0, 2);
  const env = {
    ...{ ...streamingSettings(writer.database), ...s3Settings(bucket, "lake") },
    ...{ MONGODB_COLLECTIONS: names.join(","), TABLES: "delta", TABLE_INTERVAL: "1s" },
    ...{ LEASES: "destination", LOG_LEVEL: "debug" },
  };
  const rowsOf = async (name: string) => {
    const [table] = await tablesShown(env, `${writer.database}.${name}`);
    return Number(table?.rows ?? 0);
  };
  for (let kill = 0; kill < 3; kill++) {
    await using program = startProgram(["run"], { env });
    // What is inserted before a journal has begun is of before the lake.
    for (const name of names) {
      await program.line(new RegExp(`Change stream opened.*\\.${name}"`));
    }
    await writer.insert(names, DOCUMENTS);
    await program.line(/Tables brought to where the lake is/);
    program.kill("SIGKILL");
    await program.ended;
  }
  await using one = startProgram(["run"], { env: { ...env, INSTANCE_NAME: "one" } });
  await using two = startProgram(["run"], { env: { ...env, INSTANCE_NAME: "two" } });
  await Promise.all([one, two].map((program) => program.line(/Pipeline started/)));
  await writer.insert(names, DOCUMENTS);
  for (const name of names) {
    await waitForRows(writer.inserted.get(name)!, () => rowsOf(name));
    await assertRead(
      "delta",
      `s3://${bucket}/lake/db=${writer.database}/coll=${name}`,
      writer.inserted.get(name)!,
    );
  }
  for (const program of [one, two]) {
    program.kill("SIGTERM");
    assert.equal((await program.ended).code, 0);
  }
  const verified = await runProgram(["table", "verify", "all"], { env });
  assert.deepEqual([verified.code, verified.stderr], [0, ""], verified.stdout);
  const dropped = await runProgram(["table", "drop", "all"], { env });
  assert.match(dropped.stdout, /_delta_log\/ is gone; all objects are there/);
  assert.equal((await runProgram(["verify"], { env })).code, 0);
  assert.equal((await build(env, "all")).code, 0);
  for (const name of names) assert.equal(await rowsOf(name), writer.inserted.get(name));
});

/** What DuckDB says by the view that `table show` prints. */
async function queryNow(env: Env, name: string, address: string): Promise<unknown[]> {
  const sql = await sqlShown(env, name);
  const rows = await queryTable("duckdb", address, `${sql} SELECT full_document FROM orders_now`);
  return rows.map((row) => JSON.parse(String(row["full_document"])));
}

Deno.test("the view has what is in the collection since another one was renamed onto it", async () => {
  const folder = await Deno.makeTempDir();
  await using writer = createMongoWriter(uniqueName("table"));
  const name = `${writer.database}.orders`;
  const env = {
    ...sourceSettings(writer.database),
    ...{ MONGODB_COLLECTIONS: "orders", DESTINATION: `file://${folder}`, SNAPSHOT: "initial" },
  };
  await writer.insert(["orders"], 20);
  await using program = startProgram(["run"], { env });
  await waitForFolder(join(folder, "db=*"), 20);
  const database = writer.client.db(writer.database);
  const built = database.collection<{ _id: number; n: number }>("built");
  await built.insertMany([{ _id: 1, n: 101 }, { _id: 2, n: 102 }]);
  await built.rename("orders", { dropTarget: true });
  await program.line(/The snapshot is complete.*onto/);
  await database.collection<{ _id: number; n: number }>("orders").insertOne({ _id: 3, n: 103 });
  await waitForFolder(join(folder, "db=*"), 20 + 3);
  program.kill("SIGTERM");
  await program.ended;
  assert.equal((await build(env, name)).code, 0);
  const address = join(folder, `db=${writer.database}`, "coll=orders");
  const numbers = (await queryNow(env, name, address)).map((row) => (row as { n: number }).n);
  assert.deepEqual(numbers.sort(), [101, 102, 103]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("the view that table show prints gives the latest state of each document", async () => {
  const folder = await Deno.makeTempDir();
  await using writer = createMongoWriter(uniqueName("table"));
  const env = {
    ...sourceSettings(writer.database),
    ...{ MONGODB_COLLECTIONS: "orders", DESTINATION: `file://${folder}`, SNAPSHOT: "initial" },
  };
  await streamChangedOrders(writer, env, folder);
  const name = `${writer.database}.orders`;
  assert.equal((await build(env, name)).code, 0);
  const address = join(folder, `db=${writer.database}`, "coll=orders");
  const state = (await queryNow(env, name, address) as { n: number; text: string }[])
    .map(({ n, text }) => [n, text === "changed"] as const).sort((a, b) => a[0] - b[0]);
  assert.deepEqual(state, Array.from({ length: 15 }, (_, n) => [n, n < 5]));
  await Deno.remove(folder, { recursive: true });
});
