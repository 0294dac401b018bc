import assert from "node:assert/strict";
import { FORMAT_SCRIPT } from "../../../../src/observe/page/page_format.ts";
import { TABLES_SCRIPT } from "../../../../src/observe/page/page_tables.ts";
import { pageFunctions } from "../../../support/page_functions.ts";

const { tableItem } = pageFunctions(["tableItem"], FORMAT_SCRIPT, TABLES_SCRIPT);

const TABLE = { name: "shop.orders", format: "delta", version: 1234, lagSeconds: 34, fault: null };

Deno.test("the page says of a table how far it is, and why it gets nothing more", () => {
  assert.deepEqual(tableItem!(TABLE), {
    name: "shop.orders",
    note: "delta, version 1,234, has everything up to 34 s ago",
    pill: ["good", "follows"],
    why: null,
  });
  const fault = "somebody else has made it";
  const stopped = tableItem!({ ...TABLE, fault });
  assert.deepEqual([stopped.pill, stopped.why], [["bad", "stopped"], fault]);
  const begun = tableItem!({ ...TABLE, version: null, lagSeconds: null });
  assert.deepEqual([begun.note, begun.pill], ["delta, not whole yet", ["idle", "being made"]]);
  assert.equal(
    tableItem!({ ...TABLE, lagSeconds: 0 }).note,
    "delta, version 1,234, has everything up to now",
  );
});
