/** Tables that are committed through Iceberg's own catalog, read by engines that ask the catalog for them. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { runCommand } from "../../scripts/services/run_command.ts";
import { pythonWith } from "../support/python_environment.ts";
import { type CatalogServer, startCatalogServer } from "./catalog_server.ts";
import { openEngineLake } from "./engine_lake.ts";
import { readerOptions } from "./reader_options.ts";

const PACKAGES = [
  "duckdb==1.5.5",
  "duckdb-extension-avro==1.5.5",
  "duckdb-extension-httpfs==1.5.5",
  "duckdb-extension-iceberg==1.5.5",
  "pyiceberg[pyarrow]==0.12.0",
  "pytz==2026.6",
];
const SCRIPT = fileURLToPath(new URL("./read_catalog.py", import.meta.url));

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
    for (const reader of ["pyiceberg", "duckdb"]) {
      assert.deepEqual(await read(reader, url, "shop.orders"), { rows, tokens: rows }, reader);
    }
  }
  await lake.drop();
  assert.deepEqual(await lake.verify(), ["no table"]);
  assert.deepEqual(await lake.build(), []);
  assert.deepEqual(await read("duckdb", url, "shop.orders"), { rows: 120, tokens: 120 });
});

async function read(reader: string, url: string, name: string): Promise<unknown> {
  const python = await pythonWith("iceberg-readers", PACKAGES);
  const options = JSON.stringify(readerOptions());
  const query = "SELECT count(*) AS rows, count(DISTINCT resume_token) AS tokens FROM t";
  const [row] = JSON.parse(
    await runCommand(python, [SCRIPT, reader, url, name, query, options]),
  );
  return row;
}
