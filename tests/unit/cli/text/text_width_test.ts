import assert from "node:assert/strict";
import { lettersOf, textWidth } from "../../../../src/cli/text/text_width.ts";

Deno.test("textWidth counts columns of a terminal", () => {
  const widths: readonly (readonly [string, number])[] = [
    ["", 0],
    ["collection:shop.orders", 22],
    ["größe", 5],
    ["gro\u0308\u00dfe", 5],
    ["注文", 4],
    ["ｶﾀ", 2],
    ["カタ", 4],
    ["주문", 4],
    ["Ａ", 2],
    ["😀", 2],
    ["👩‍👩‍👧", 2],
    ["…", 1],
    ["жук", 3],
    ["𠀀", 2],
    ["\u200b", 0],
  ];
  for (const [text, width] of widths) assert.equal(textWidth(text), width, text);
});

Deno.test("lettersOf keeps together what people see as one letter", () => {
  assert.deepEqual(lettersOf("a👩‍👧o\u0308"), ["a", "👩‍👧", "o\u0308"]);
});
