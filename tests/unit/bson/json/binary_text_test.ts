import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { writeBase64, writeHex } from "../../../../src/bson/json/binary_text.ts";
import { ByteSink } from "../../../../src/bson/byte_sink.ts";

const part = fc.uint8Array({ maxLength: 50 }).chain((bytes) =>
  fc.tuple(fc.constant(bytes), fc.nat({ max: bytes.length }), fc.nat({ max: bytes.length }))
).map(([bytes, a, b]) => ({ bytes, start: Math.min(a, b), end: Math.max(a, b) }));

Deno.test("writeHex writes two lower-case digits for each byte", () => {
  fc.assert(
    fc.property(part, ({ bytes, start, end }) => {
      const out = new ByteSink(0);
      writeHex(bytes, start, end, out);
      assert.equal(
        new TextDecoder().decode(out.take()),
        Buffer.from(bytes.slice(start, end)).toString("hex"),
      );
    }),
  );
});

Deno.test("writeBase64 writes base64 with padding", () => {
  fc.assert(
    fc.property(part, ({ bytes, start, end }) => {
      const out = new ByteSink(0);
      writeBase64(bytes, start, end, out);
      const expected = Buffer.from(bytes.slice(start, end)).toString("base64");
      assert.equal(new TextDecoder().decode(out.take()), expected);
    }),
  );
});
