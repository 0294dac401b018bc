import assert from "node:assert/strict";
import fc from "fast-check";
import { ByteSink } from "../../../src/bson/byte_sink.ts";
import { utf8SequenceLength, writeText } from "../../../src/bson/utf8.ts";

/** Random bytes are rarely UTF-8; these are so more often, and at the edges of what is well-formed. */
const almostUtf8 = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 4 }),
    fc.string({ unit: "binary", maxLength: 4 }).map((text) => new TextEncoder().encode(text)),
    fc.constantFrom(
      ...["c080", "c1bf", "e08080", "e09fbf", "eda080", "edbfbf", "ed9fbf", "ee8080", "f0808080"],
      ...["f08fbfbf", "f0908080", "f48fbfbf", "f4908080", "f5808080", "efbbbf", "ff", "f09f98"],
      ...["e282", "c3", "80"],
    ).map((hex) => Uint8Array.from(hex.match(/../g)!, (pair) => parseInt(pair, 16))),
  ),
).map((parts) => Uint8Array.from(parts.flatMap((part) => [...part])));

Deno.test("writeText replaces ill-formed UTF-8 as TextDecoder does and keeps all else", () => {
  fc.assert(
    fc.property(almostUtf8, (bytes) => {
      const out = new ByteSink(0);
      writeText(bytes, 0, bytes.length, out);
      const expected = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
      assert.deepEqual(out.take(), new TextEncoder().encode(expected));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("utf8SequenceLength does not look behind the end", () => {
  const smile = new TextEncoder().encode("😀");
  assert.deepEqual([1, 2, 3, 4].map((end) => utf8SequenceLength(smile, 0, end)), [-1, -2, -3, 4]);
});
