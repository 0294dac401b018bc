import assert from "node:assert/strict";
import { icebergStatements } from "../../../../../src/cli/text/tables/iceberg_text.ts";
import { duckDbViews, tableStatements } from "../../../../../src/cli/text/tables/delta_text.ts";

Deno.test("tableStatements names the table's address and one name for each engine", () => {
  const text = tableStatements({
    name: "order_items",
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
  const inFolder = tableStatements({ name: "orders", url: "file:///lake/coll=orders/" });
  assert.doesNotMatch(inFolder, /SECRET/);
});

Deno.test("duckDbViews reads a folder by its path, whatever the collection is called", () => {
  assert.match(
    duckDbViews("t_1st", "/lake/coll=1st"),
    /^CREATE VIEW t_1st_events AS SELECT \* FROM delta_scan\('\/lake\/coll=1st'\);/,
  );
});

Deno.test("tableStatements leaves out what was there before another collection was renamed onto this one", () => {
  const renamedOnto = { at: "2026-11-20T17:01:01.000Z", token: "826B00B0CD00000009", isRead: true };
  const table = { name: "orders", url: "s3://lake/db=shop/coll=orders/", renamedOnto };
  const text = tableStatements(table);
  assert.match(text, /^\n-- Another collection was renamed onto this one at 2026-11-20T17:01:01/);
  const views = text.match(/resume_token > token AND resume_token > '826B00B0CD00000009';/g);
  assert.equal(views?.length, text.match(/CREATE VIEW orders_now/g)?.length);
  const unread = tableStatements({ ...table, renamedOnto: { ...renamedOnto, isRead: false } });
  assert.match(unread, /^\n-- Incomplete since 2026-11-20T17:01:01\.000Z: /);
});

Deno.test("statements quote an address in the way of each engine", () => {
  const table = { name: "orders", url: 'file:///it\'s "here"/coll=orders/' };
  for (const text of [tableStatements(table), icebergStatements(table)]) {
    assert.match(text, /_scan\('\/it''s "here"\/coll=orders'\);/);
    assert.match(text, /(LOCATION|path) '\/it\\'s "here"\/coll=orders'/);
    assert.match(text, /table_location => '\/it''s "here"\/coll=orders'/);
    assert.match(text, /\("\/it's \\"here\\"\/coll=orders"\)/);
    assert.doesNotMatch(text, /'\/it's/);
  }
});
