import assert from "node:assert/strict";
import { textTable } from "../../../../src/cli/text/text_table.ts";

Deno.test("textTable puts cells under each other, numbers to the right, without blanks at the end", () => {
  const rows = [["NAME", "COUNT", "NOTE"], ["ä", "7", ""], ["longer", "1,234", "x"]];
  assert.equal(
    textTable(rows, [1]),
    "NAME    COUNT  NOTE\nä           7\nlonger  1,234  x\n",
  );
});

Deno.test("textTable counts columns, not UTF-16 units", () => {
  assert.equal(textTable([["a", "b"], ["😀", "c"]]), "a   b\n😀  c\n");
});

Deno.test("textTable keeps columns under each other where letters are wide", () => {
  const text = textTable([["STREAM", "LEFT"], ["注文", "1"], ["größe😀", "22"]], [1]);
  assert.equal(text, "STREAM   LEFT\n注文        1\ngröße😀    22\n");
});
