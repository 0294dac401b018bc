import assert from "node:assert/strict";
import fc from "fast-check";
import { ByteSink } from "../../../../src/bson/byte_sink.ts";
import { writeJsonString } from "../../../../src/bson/json/json_string.ts";

function jsonString(bytes: Uint8Array, start = 0, end = bytes.length): string {
  const out = new ByteSink(0);
  writeJsonString(bytes, start, end, out);
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(out.take());
}

Deno.test("writeJsonString writes texts as JSON.stringify does", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: fc.constantFrom(...'\0\x01\b\t\n\v\f\r\x1f "/\\\x7f\x80é€\u2028😀') }),
  );
  fc.assert(
    fc.property(text, (value) => {
      assert.equal(jsonString(new TextEncoder().encode(value)), JSON.stringify(value));
    }),
    { numRuns: 400 },
  );
});

Deno.test("writeJsonString writes any bytes as the text that TextDecoder makes of them", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
      assert.equal(jsonString(bytes), JSON.stringify(text));
    }),
  );
});

Deno.test("writeJsonString writes long texts whose characters lie across its blocks", () => {
  for (const unit of ["a", "é", "€", "😀", "\0", "a\u{10ffff}"]) {
    for (const shift of ["", "x", "xy", "xyz"]) {
      const text = shift + unit.repeat(5000);
      assert.equal(jsonString(new TextEncoder().encode(text)), JSON.stringify(text));
    }
  }
});

Deno.test("writeJsonString sees each byte wherever it stands among plain ones", () => {
  const memory = new Uint8Array(40);
  for (let byte = 0; byte < 256; byte++) {
    for (let at = 0; at < 12; at++) {
      // Not at the start of its memory, as texts of events never are.
      const bytes = memory.subarray(3, 15).fill(0x61);
      bytes[at] = byte;
      const text = new TextDecoder().decode(bytes);
      assert.equal(jsonString(bytes), JSON.stringify(text), `byte ${byte} at ${at}`);
    }
  }
});

Deno.test("writeJsonString does not look behind the end of a cut-off character", () => {
  const bytes = new TextEncoder().encode("a😀b");
  assert.equal(jsonString(bytes, 1, 4), '"\uFFFD"');
});
