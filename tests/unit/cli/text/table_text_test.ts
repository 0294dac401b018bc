import assert from "node:assert/strict";
import { duckDbViews, tableStatements } from "../../../../src/cli/text/table_text.ts";

Deno.test("tableStatements names the table's address and one name for each engine", () => {
  const text = tableStatements({
    collection: "order.items",
    url: "s3://lake/db=shop/coll=order.items/",
  });
  for (
    const engine of [
      "DuckDB",
      "Spark",
      "Databricks",
      "Trino",
      "Athena",
      "Snowflake",
      "ClickHouse",
      "Polars",
    ]
  ) {
    assert.match(text, new RegExp(`^-- ${engine}`, "m"));
  }
  assert.match(text, /USING delta LOCATION 's3a:\/\/lake\/db=shop\/coll=order\.items'/);
  assert.match(text, /CREATE VIEW order_items_now AS/);
  assert.doesNotMatch(text, /orders/);
  assert.match(text, /^\n-- The views do not see .* renamed onto this one/);
  assert.match(text, /LOAD delta;\nCREATE SECRET \(TYPE s3, PROVIDER credential_chain\);/);
  const inFolder = tableStatements({ collection: "orders", url: "file:///lake/coll=orders/" });
  assert.doesNotMatch(inFolder, /SECRET/);
});

Deno.test("duckDbViews reads a folder by its path, whatever the collection is called", () => {
  assert.match(
    duckDbViews("1st", "/lake/coll=1st"),
    /^CREATE VIEW t_1st_events AS SELECT \* FROM delta_scan\('\/lake\/coll=1st'\);/,
  );
});
