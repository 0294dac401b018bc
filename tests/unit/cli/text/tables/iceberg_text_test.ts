import assert from "node:assert/strict";
import { icebergStatements } from "../../../../../src/cli/text/tables/iceberg_text.ts";

Deno.test("each engine is told where a table of Iceberg lies, as it names that", () => {
  const text = icebergStatements({
    name: "order_items",
    url: "s3://lake/db=shop/coll=order.items/",
  });
  assert.match(text, /iceberg_scan\('s3:\/\/lake\/db=shop\/coll=order\.items'\)/);
  assert.match(text, /USING iceberg OPTIONS \(path 's3a:\/\/lake/);
  assert.match(text, /CREATE TEMPORARY VIEW order_items_now AS/);
  assert.match(text, /PROVIDER credential_chain/);
  const local = icebergStatements({ name: "a", url: "file:///lake/db=shop/coll=a/" });
  assert.match(local, /iceberg_scan\('\/lake\/db=shop\/coll=a'\)/);
  assert.doesNotMatch(local, /SECRET/);
});
