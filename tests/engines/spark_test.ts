/** Spark reads the tables and does to them what people let engines do, between commits of ours. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type CatalogServer, startCatalogServer } from "./catalog_server.ts";
import { openEngineLake } from "./engine_lake.ts";
import { type SparkSession, startSpark } from "./spark_session.ts";

let server: CatalogServer | undefined;
let spark: SparkSession | undefined;

Deno.test.beforeAll(async () => {
  server = await startCatalogServer("engines");
  spark = await startSpark(server.url);
});

Deno.test.afterAll(async () => {
  await spark?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

Deno.test("Spark rewrites files and manifests and expires snapshots, and each event stays in the table once", async () => {
  await using lake = await openEngineLake({ TABLES: "iceberg", ICEBERG_CATALOG: server!.url });
  let rows = 0;
  const grow = async () => {
    await lake.write(20);
    assert.deepEqual(await lake.build(), []);
    assert.deepEqual(await counts("ours.shop.orders"), { rows: rows += 20, tokens: rows });
  };
  const call = (procedure: string, args = "") =>
    spark!.sql(`CALL ours.system.${procedure}(table => 'shop.orders'${args})`);
  for (let i = 0; i < 3; i++) await grow();
  const [rewritten] = await call("rewrite_data_files", ", options => map('rewrite-all', 'true')");
  assert.ok(Number(rewritten!["rewritten_data_files_count"]) > 1);
  await grow();
  // What others have written no journal names.
  assert.match((await lake.verify()).join("\n"), /no journal names it/);
  await call("rewrite_manifests");
  await grow();
  await assert.rejects(call("expire_snapshots", EXPIRE_ALL), /GC is disabled/);
  // As somebody may who does not know whose the files are.
  await spark!.sql("ALTER TABLE ours.shop.orders SET TBLPROPERTIES ('gc.enabled' = 'true')");
  await call("expire_snapshots", EXPIRE_ALL);
  for (let i = 0; i < 2; i++) await grow();
});

Deno.test("Spark reads a table of Delta, and writes and deletes nothing that is ours", async () => {
  await using lake = await openEngineLake({
    TABLES: "delta",
    DESTINATION: `file://${await Deno.makeTempDir()}`,
  });
  const table = deltaIn(lake.url);
  await lake.write(20);
  assert.deepEqual(await lake.build(), []);
  assert.deepEqual(await counts(table), { rows: 20, tokens: 20 });
  for (const statement of [`OPTIMIZE ${table}`, `DELETE FROM ${table}`, `VACUUM ${table}`]) {
    await assert.rejects(spark!.sql(statement), /tributary/, statement);
  }
  assert.deepEqual(await lake.verify(), []);
});

Deno.test("with TABLE_WRITERS=any Spark may OPTIMIZE, and each event stays in the table once", async () => {
  await using lake = await openEngineLake({
    ...{ TABLES: "delta", TABLE_WRITERS: "any" },
    DESTINATION: `file://${await Deno.makeTempDir()}`,
  });
  const table = deltaIn(lake.url);
  for (let rows = 20; rows <= 80; rows += 20) {
    await lake.write(20);
    assert.deepEqual(await lake.build(), []);
    assert.deepEqual(await counts(table), { rows, tokens: rows });
    await spark!.sql(`OPTIMIZE ${table}`);
    assert.deepEqual(await counts(table), { rows, tokens: rows });
  }
});

for (const format of ["delta", "iceberg"]) {
  Deno.test(`Spark reads for the latest hour its objects alone (${format})`, async () => {
    const place = format === "delta"
      ? { DESTINATION: `file://${await Deno.makeTempDir()}` }
      : { ICEBERG_CATALOG: server!.url, ICEBERG_NAMESPACE: "hours" };
    await using lake = await openEngineLake({ TABLES: format, ...place });
    const table = format === "delta" ? deltaIn(lake.url) : "ours.hours.shop_orders";
    await lake.write(20);
    assert.deepEqual(await lake.build(), []);
    const filesOf = async (query: string) =>
      Number((await spark!.sql(`FILES SELECT * FROM ${table} ${query}`))[0]!["files"]);
    const early = await filesOf("");
    lake.world.pass(2 * 3600);
    await lake.write(20);
    assert.deepEqual(await lake.build(), []);
    const all = await filesOf("");
    const [row] = await spark!.sql(
      `SELECT CAST(date_trunc('hour', max(cluster_time)) AS STRING) AS hour FROM ${table}`,
    );
    const latest = await filesOf(`WHERE cluster_time >= TIMESTAMP '${row!["hour"]}'`);
    assert.ok(early > 0 && all > early, `${early} of ${all}`);
    assert.equal(latest, all - early);
  });
}

Deno.test("of a table of Delta whose small objects were joined Spark reads the rows of before", async () => {
  await using lake = await openEngineLake({
    TABLES: "delta",
    DESTINATION: `file://${await Deno.makeTempDir()}`,
  });
  const table = deltaIn(lake.url);
  const filesOf = async () =>
    Number((await spark!.sql(`FILES SELECT * FROM ${table}`))[0]!["files"]);
  await lake.write(40);
  assert.deepEqual(await lake.build(), []);
  const [rows, files] = [await allOf(table), await filesOf()];
  const { inputs, outputs } = await lake.compact();
  assert.ok(rows.length === 40 && inputs === files, `${rows.length} rows, ${inputs} of ${files}`);
  assert.equal(await filesOf(), outputs);
  assert.deepEqual(await allOf(table), rows);
  await lake.write(20);
  assert.deepEqual(await lake.build(), []);
  assert.deepEqual((await allOf(table)).slice(0, 40), rows);
  assert.deepEqual(await counts(table), { rows: 60, tokens: 60 });
  assert.deepEqual(await lake.verify(), []);
});

Deno.test("Spark rewrites and expires what is in a table whose small objects are joined, and each event stays in it once", async () => {
  const place = { ICEBERG_CATALOG: server!.url, ICEBERG_NAMESPACE: "joined" };
  await using lake = await openEngineLake({ TABLES: "iceberg", ...place });
  const table = "ours.joined.shop_orders";
  const call = (procedure: string, args = "") =>
    spark!.sql(`CALL ours.system.${procedure}(table => 'joined.shop_orders'${args})`);
  const filesOf = async () =>
    Number((await spark!.sql(`SELECT count(*) AS files FROM ${table}.files`))[0]!["files"]);
  let rows: Record<string, unknown>[] = [];
  const grow = async () => {
    await lake.write(20);
    assert.deepEqual(await lake.build(), []);
    const now = await allOf(table);
    assert.deepEqual([now.slice(0, rows.length), now.length], [rows, rows.length + 20]);
    rows = now;
  };
  const assertSame = async () => assert.deepEqual(await allOf(table), rows);
  await grow();
  await grow();
  const before = await filesOf();
  assert.deepEqual(await lake.compact(), { inputs: before, outputs: 1 });
  assert.equal(await filesOf(), 1);
  await assertSame();
  assert.deepEqual(await lake.verify(), []);
  await grow();
  await call("rewrite_manifests");
  await lake.compact();
  await assertSame();
  await grow();
  // What we have joined becomes a file of theirs, and what comes later is joined without it.
  await call("rewrite_data_files", ", options => map('rewrite-all', 'true')");
  await assertSame();
  assert.deepEqual(await lake.compact(), { inputs: 0, outputs: 0 });
  await grow();
  assert.ok((await lake.compact()).inputs > 1);
  await assertSame();
  await spark!.sql(`ALTER TABLE ${table} SET TBLPROPERTIES ('gc.enabled' = 'true')`);
  await call("expire_snapshots", EXPIRE_ALL);
  await assertSame();
  await grow();
  await lake.compact();
  await assertSame();
});

Deno.test("Spark does what the page on querying says", async () => {
  await using lake = await openEngineLake({
    TABLES: "delta",
    DESTINATION: `file://${await Deno.makeTempDir()}`,
  });
  await lake.write(20);
  assert.deepEqual(await lake.build(), []);
  const page = await Deno.readTextFile(new URL("../../docs/querying.md", import.meta.url));
  const blocks = [...page.matchAll(/^```sql needs=spark\n([^]*?)^```/gm)].map(([, text]) => text!);
  assert.ok(blocks.length > 0);
  const statements = blocks.flatMap((text) => text.split(";")).filter((text) => text.trim());
  for (const [i, statement] of statements.entries()) {
    await spark!.sql(statement.replaceAll(/s3a?:\/\/lake\/shop/g, fileURLToPath(lake.url)));
    if (i > 0) continue;
    // What the page reads as files has the same columns.
    for (const view of ["orders", "events"]) {
      await spark!.sql(`CREATE TEMPORARY VIEW ${view} AS SELECT * FROM orders_events`);
    }
  }
  assert.deepEqual(await counts("orders_events"), { rows: 20, tokens: 20 });
  await spark!.sql("DROP TABLE orders_events");
});

const EXPIRE_ALL = `, older_than => TIMESTAMP '2100-01-01 00:00:00', retain_last => 1`;

function allOf(table: string): Promise<Record<string, unknown>[]> {
  return spark!.sql(`SELECT * FROM ${table} ORDER BY resume_token`);
}

async function counts(table: string): Promise<unknown> {
  const query = "SELECT count(*) AS rows, count(DISTINCT resume_token) AS tokens";
  return (await spark!.sql(`${query} FROM ${table}`))[0];
}

function deltaIn(url: string): string {
  return `delta.\`${fileURLToPath(url)}/db=shop/coll=orders\``;
}
