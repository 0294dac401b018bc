import assert from "node:assert/strict";
import { grouped, textTable } from "../../../scripts/terminal/text_table.ts";

Deno.test("textTable aligns cells below their headings, as wide as the widest", () => {
  const columns = [
    { heading: "name", align: "left" },
    { heading: "rows", align: "right" },
  ] as const;
  assert.deepEqual(textTable(columns, [["insert", "7"], ["x", "12,345"], ["short"]]), [
    "name      rows",
    "──────  ──────",
    "insert       7",
    "x       12,345",
    "short",
  ]);
});

Deno.test("textTable of no rows is its headings", () => {
  assert.deepEqual(textTable([{ heading: "a", align: "left" }], []), ["a", "─"]);
});

Deno.test("grouped puts commas between thousands", () => {
  assert.equal(grouped(1234567), "1,234,567");
  assert.equal(grouped(0), "0");
});
