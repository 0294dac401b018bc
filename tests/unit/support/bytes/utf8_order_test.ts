import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { compareUtf8 } from "../../../../src/support/bytes/utf8_order.ts";

Deno.test("compareUtf8 orders any two texts as their bytes are ordered", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 6 });
  fc.assert(
    fc.property(text, text, fc.boolean(), (a, b, prefixed) => {
      const other = prefixed ? a + b : b;
      const byBytes = Buffer.compare(Buffer.from(a), Buffer.from(other));
      assert.equal(Math.sign(compareUtf8(a, other)), byBytes);
    }),
    { examples: [["\uff5e", "\u{1f600}", false], ["a/", "a-", false]] },
  );
});
