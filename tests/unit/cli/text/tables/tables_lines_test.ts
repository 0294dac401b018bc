import assert from "node:assert/strict";
import { tablesLines } from "../../../../../src/cli/text/tables/tables_lines.ts";

const TABLE = {
  ...{ name: "shop.orders", format: "delta", url: "s3://lake/db=shop/coll=orders/" } as const,
  ...{ version: 3, lagSeconds: 34, fault: null },
};

Deno.test("tablesLines says how old the oldest table is, and which were stopped", () => {
  assert.deepEqual(tablesLines([]), []);
  assert.deepEqual(tablesLines([TABLE]), ["1 table is kept, with everything up to 34s ago"]);
  const stopped = { ...TABLE, lagSeconds: 9000, fault: "somebody else has made it" };
  const begun = { ...TABLE, version: null, lagSeconds: null };
  assert.deepEqual(tablesLines([TABLE, { ...TABLE, lagSeconds: 2 }, stopped, begun]), [
    "4 tables are kept, with everything up to 34s ago, 1 of them not whole yet",
    "The delta table of shop.orders was stopped: somebody else has made it",
  ]);
});

Deno.test("tablesLines says which collections have none", () => {
  const none = { ...TABLE, name: "shop.a/b", version: null, lagSeconds: null, fault: 'a "%"' };
  assert.deepEqual(tablesLines([TABLE, none]), [
    "1 table is kept, with everything up to 34s ago",
    'shop.a/b has no delta table: a "%"',
  ]);
});
