import assert from "node:assert/strict";
import { catalogStatements } from "../../../../../src/cli/text/tables/catalog_text.ts";

const OPEN = {
  url: "https://catalog.example",
  namespace: "shop",
  table: "order_items",
  isOpen: true,
};

Deno.test("each engine is told where the catalog is and what the table is called there", () => {
  const text = catalogStatements({ name: "order_items", catalog: OPEN });
  assert.match(
    text,
    /ATTACH '' AS lake \(TYPE iceberg, ENDPOINT 'https:\/\/catalog\.example', AUTHORIZATION_TYPE 'none'\);/,
  );
  assert.match(
    text,
    /CREATE VIEW order_items_events AS SELECT \* FROM lake\."shop"\."order_items";/,
  );
  assert.match(text, /CREATE TEMPORARY VIEW order_items_now AS/);
  assert.match(text, /catalog\.lake\.uri=https:\/\/catalog\.example\n/);
  assert.match(text, /CATALOG_NAMESPACE = 'shop' CATALOG_TABLE_NAME = 'order_items'/);
  assert.match(text, /uri="https:\/\/catalog\.example"\)\.load_table\("shop\.order_items"\)/);
});

Deno.test("a warehouse and levels of a namespace are said as each engine takes them, and nobody is let in", () => {
  const catalog = { ...OPEN, warehouse: "lakes", namespace: "a.b", isOpen: false };
  const text = catalogStatements({ name: "order_items", catalog });
  assert.match(
    text,
    /ATTACH 'lakes' AS lake \(TYPE iceberg, ENDPOINT 'https:\/\/catalog\.example'\);/,
  );
  assert.match(text, /FROM lake\.`a`\.`b`\.`order_items`;/);
  assert.match(text, /catalog\.lake\.warehouse=lakes/);
  assert.match(text, /iceberg\.rest-catalog\.warehouse=lakes/);
  assert.match(text, /warehouse="lakes"\)/);
});

Deno.test("a quote in the name of a warehouse ends no text of SQL or Python", () => {
  const catalog = { ...OPEN, warehouse: `it's "ours"` };
  const text = catalogStatements({ name: "order_items", catalog });
  assert(text.includes(`ATTACH 'it''s "ours"' AS lake`));
  assert(text.includes(`warehouse="it's \\"ours\\"")`));
});
