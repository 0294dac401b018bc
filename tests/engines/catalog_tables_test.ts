/** Tables that are committed through Iceberg's own catalog, read by engines that ask the catalog for them. */
import assert from "node:assert/strict";
import { CATALOG_READERS, type CatalogReader, queryCatalog } from "../support/table_readers.ts";
import { type CatalogServer, startCatalogServer } from "./catalog_server.ts";
import { openEngineLake } from "./engine_lake.ts";

let server: CatalogServer | undefined;

Deno.test.beforeAll(async () => {
  server = await startCatalogServer("engines");
});

Deno.test.afterAll(async () => await server?.[Symbol.asyncDispose]());

Deno.test("a table is read by its name in the catalog, whole after each commit", async () => {
  const { url } = server!;
  await using lake = await openEngineLake({ TABLES: "iceberg", ICEBERG_CATALOG: url });
  for (const rows of [40, 80, 120]) {
    await lake.write(40);
    assert.deepEqual(await lake.build(), []);
    assert.deepEqual(await lake.verify(), []);
    for (const reader of CATALOG_READERS) {
      assert.deepEqual(await read(reader, url, "shop.orders"), { rows, tokens: rows }, reader);
    }
  }
  await lake.drop();
  assert.deepEqual(await lake.verify(), ["no table"]);
  assert.deepEqual(await lake.build(), []);
  assert.deepEqual(await read("duckdb-catalog", url, "shop.orders"), { rows: 120, tokens: 120 });
});

Deno.test("a table whose small objects were joined has the rows of before for whoever asks the catalog", async () => {
  const { url } = server!;
  const place = { ICEBERG_CATALOG: url, ICEBERG_NAMESPACE: "joined" };
  await using lake = await openEngineLake({ TABLES: "iceberg", ...place });
  const all = (reader: CatalogReader) =>
    queryCatalog(reader, url, "joined.shop_orders", "SELECT * FROM t ORDER BY resume_token");
  await lake.write(40);
  assert.deepEqual(await lake.build(), []);
  const before = await Promise.all(CATALOG_READERS.map(all));
  const { inputs, outputs } = await lake.compact();
  assert.ok(inputs > 1 && outputs === 1, `${inputs} became ${outputs}`);
  for (const [i, reader] of CATALOG_READERS.entries()) {
    assert.equal(before[i]!.length, 40);
    assert.deepEqual(await all(reader), before[i], reader);
  }
  assert.deepEqual(await lake.verify(), []);
});

async function read(reader: CatalogReader, url: string, name: string): Promise<unknown> {
  const query = "SELECT count(*) AS rows, count(DISTINCT resume_token) AS tokens FROM t";
  const [row] = await queryCatalog(reader, url, name, query);
  return row;
}
