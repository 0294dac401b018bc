/** Tables of Iceberg without a catalog over a real lake, read by two engines that share no code with what wrote them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { queryLake } from "../support/lake.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { ensureBucket } from "../support/s3_bucket.ts";
import { uniqueName } from "../support/services.ts";
import { queryTable, TABLE_READERS } from "../support/table_readers.ts";
import { streamChangedOrders } from "./changed_orders.ts";
import { waitForFolder, waitForRows } from "./judge.ts";
import { s3Settings, sourceSettings, streamingSettings } from "./settings.ts";
import { assertRead, sqlShown, tablesShown } from "./table_judge.ts";

Deno.test("a lake in a folder becomes tables of Iceberg beside those of Delta, read by engines of each", async () => {
  const folder = await Deno.makeTempDir();
  await using writer = createMongoWriter(uniqueName("iceberg"));
  const env = {
    ...sourceSettings(writer.database),
    ...{ MONGODB_COLLECTIONS: "orders", DESTINATION: `file://${folder}`, SNAPSHOT: "initial" },
    TABLES: "delta,iceberg",
  };
  await writer.insert(["orders"], 300);
  await using program = startProgram(["run"], { env });
  await waitForFolder(join(folder, "db=*"), 300);
  program.kill("SIGTERM");
  await program.ended;
  const built = await runProgram(["table", "build", "all"], { env });
  assert.deepEqual([built.code, built.stderr], [0, ""]);
  const address = join(folder, `db=${writer.database}`, "coll=orders");
  await assertRead("iceberg", address, 300);
  for (const reader of TABLE_READERS.delta) {
    const [row] = await queryTable(reader, address, "SELECT count(*) AS rows FROM t");
    assert.deepEqual(row, { rows: 300 }, reader);
  }
  const [raw] = await queryLake(`${address}/year=*`, "SELECT count(*) AS rows FROM lake");
  assert.equal(Number(raw!["rows"]), 300);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("tables of both formats follow a lake in a bucket over kills, and each has all rows once", async () => {
  const bucket = uniqueName("iceberg");
  await ensureBucket(bucket);
  await using writer = createMongoWriter(uniqueName("iceberg"));
  const env = {
    ...{ ...streamingSettings(writer.database), ...s3Settings(bucket, "lake") },
    ...{ MONGODB_COLLECTIONS: "orders", TABLES: "delta,iceberg", TABLE_INTERVAL: "1s" },
    ...{ LEASES: "destination", LOG_LEVEL: "debug" },
  };
  const name = `${writer.database}.orders`;
  for (let kill = 0; kill < 3; kill++) {
    await using program = startProgram(["run"], { env });
    await program.line(/Change stream opened/);
    await writer.insert(["orders"], 200);
    await program.line(/Tables brought to where the lake is/);
    program.kill("SIGKILL");
    await program.ended;
  }
  await using program = startProgram(["run"], { env });
  await writer.insert(["orders"], 200);
  const rowsOf = async () => {
    const tables = await tablesShown(env, name);
    return Math.min(...tables.map(({ rows = 0 }) => rows), tables.length < 2 ? 0 : Infinity);
  };
  const rows = writer.inserted.get("orders")!;
  await waitForRows(rows, rowsOf);
  program.kill("SIGTERM");
  assert.equal((await program.ended).code, 0);
  await assertRead("iceberg", `s3://${bucket}/lake/db=${writer.database}/coll=orders`, rows);
  const verified = await runProgram(["table", "verify", "all"], { env });
  assert.deepEqual([verified.code, verified.stderr], [0, ""], verified.stdout);
  assert.equal(verified.stdout.trim().split("\n").length, 2);
  const dropped = await runProgram(["table", "drop", "all"], { env });
  assert.match(dropped.stdout, /\/coll=orders\/metadata\/ is gone; all objects are there/);
  assert.equal((await runProgram(["verify"], { env })).code, 0);
});

Deno.test("the view of a table of Iceberg gives the latest state of each document, and the last hour reads its objects alone", async () => {
  const folder = await Deno.makeTempDir();
  await using writer = createMongoWriter(uniqueName("iceberg"));
  const env = {
    ...sourceSettings(writer.database),
    ...{ MONGODB_COLLECTIONS: "orders", DESTINATION: `file://${folder}`, SNAPSHOT: "initial" },
    TABLES: "iceberg",
  };
  await streamChangedOrders(writer, env, folder);
  const name = `${writer.database}.orders`;
  assert.equal((await runProgram(["table", "build", name], { env })).code, 0);
  const address = join(folder, `db=${writer.database}`, "coll=orders");
  const query = `${await sqlShown(env, name)} SELECT count(*) AS documents FROM orders_now`;
  assert.deepEqual(await queryTable("duckdb-iceberg", address, query), [{ documents: 15 }]);
  const filesAt = async (filter: string) =>
    (await queryTable("pyiceberg", address, `PLAN ${filter}`))[0]!["files"];
  assert.equal(await filesAt("cluster_time < '2020-01-01T00:00:00+00:00'"), 0);
  assert(Number(await filesAt("cluster_time > '2020-01-01T00:00:00+00:00'")) > 0);
  await Deno.remove(folder, { recursive: true });
});
