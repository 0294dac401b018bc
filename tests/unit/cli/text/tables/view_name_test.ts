import assert from "node:assert/strict";
import { viewName } from "../../../../../src/cli/text/tables/view_name.ts";

const NAMES = [
  "orders",
  "order.items",
  "1st-a",
  "_x",
  "a/b",
  "a%b",
  "\u00e4",
  "a\u0308",
  "\u0437",
  "/",
];

Deno.test("viewName needs no quotes, and is another one for each collection", () => {
  const names = NAMES.map((collection) => viewName({ database: "shop", collection }, []));
  assert.deepEqual(names.slice(0, 4), ["orders", "order_items", "t_1st_a", "_x"]);
  assert.equal(new Set(names).size, NAMES.length);
  assert.ok(names.every((name) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)), names.join());
  assert.match(names[4]!, /^a_b_[0-9a-f]{6}$/);
  assert.match(names[6]!, /^a_[0-9a-f]{6}$/);
});

Deno.test("viewName has the database where tables that are shown together would have one name", () => {
  const tables = [
    { database: "shop", collection: "order.items" },
    { database: "shop", collection: "order_items" },
    { database: "crm", collection: "order_items" },
    { database: "crm", collection: "people" },
  ];
  const names = tables.map((table) => viewName(table, tables));
  assert.equal(new Set(names).size, tables.length);
  assert.deepEqual(names.slice(2), ["crm_order_items", "people"]);
  assert.match(names[0]!, /^shop_order_items_[0-9a-f]{6}$/);
  // Tables of both formats are one collection's.
  assert.equal(viewName(tables[3]!, [tables[3]!, { ...tables[3]! }]), "people");
});
