import assert from "node:assert/strict";
import { cutMiddle, fitWidths, wrapText } from "../../../../src/cli/text/fit_text.ts";

Deno.test("cutMiddle keeps both ends of a text that is too long", () => {
  assert.equal(cutMiddle("collection:shop.orders", 11), "colle…rders");
  assert.equal(cutMiddle("collection:shop.orders", 12), "collec…rders");
  assert.equal(cutMiddle("short", 5), "short");
  assert.equal(cutMiddle("größe😀s", 4), "gr…s");
  assert.equal(cutMiddle("注文注文注文", 7), "注…注文");
  assert.equal(cutMiddle("注文注文注文", 8), "注文…文");
  assert.equal(cutMiddle("注文", 4), "注文");
  assert.deepEqual([cutMiddle("abc", 1), cutMiddle("abc", 0)], ["…", ""]);
});

Deno.test("wrapText breaks at blanks only", () => {
  assert.equal(wrapText("one two three", 7, "  "), "one two\n  three");
  assert.equal(wrapText("averylongword two", 5, " "), "averylongword\n two");
  assert.equal(wrapText("注文 注文 a", 9), "注文 注文\na");
  assert.equal(wrapText("one", 80), "one");
  for (const line of wrapText("a bb ccc dddd eeeee ".repeat(9).trim(), 20, "  ").split("\n")) {
    assert(line.length <= 20, line);
  }
});

Deno.test("fitWidths takes from columns that may shrink, and no more than it must", () => {
  assert.deepEqual(fitWidths([30, 10, 20], 64, [[2, 5], [0, 5]]), [30, 10, 20]);
  assert.deepEqual(fitWidths([30, 10, 20], 60, [[2, 5], [0, 5]]), [30, 10, 16]);
  assert.deepEqual(fitWidths([30, 10, 20], 44, [[2, 16], [0, 5]]), [14, 10, 16]);
  assert.deepEqual(fitWidths([30, 10, 20], 10, [[2, 16], [0, 12]]), [12, 10, 16]);
  assert.deepEqual(fitWidths([3, 10], 5, [[0, 12]]), [3, 10]);
});
