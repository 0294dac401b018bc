import assert from "node:assert/strict";
import { kindOf } from "../../../../../src/cli/text/tables/table_kind.ts";

Deno.test("a table of Iceberg is told from one of Delta Lake", () => {
  assert.deepEqual(["delta", "iceberg"].map(kindOf), ["", " (Iceberg)"]);
});
