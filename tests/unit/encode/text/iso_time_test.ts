import assert from "node:assert/strict";
import fc from "fast-check";
import { ByteSink } from "../../../../src/bson/byte_sink.ts";
import { IsoTimeWriter } from "../../../../src/encode/text/iso_time.ts";
import { text } from "../encode_rows.ts";

Deno.test("IsoTimeWriter writes what Date.toISOString gives, in any order", () => {
  const edges = [
    -62_167_219_200_000,
    -62_167_219_200_001,
    253_402_300_799_999,
    253_402_300_800_000,
  ];
  const writer = new IsoTimeWriter();
  const time = fc.oneof(
    fc.integer({ min: -5000, max: 5000 }),
    fc.integer({ min: -8.64e15, max: 8.64e15 }),
    fc.constantFrom(-1, -1000, -1001, ...edges),
  );
  fc.assert(fc.property(time, (timeMs) => {
    const out = new ByteSink(0);
    writer.write(timeMs, out);
    assert.equal(text(out.take()), new Date(timeMs).toISOString());
  }));
});

Deno.test("IsoTimeWriter throws for a time beyond any calendar", () => {
  assert.throws(() => new IsoTimeWriter().write(8.64e15 + 1, new ByteSink(0)), RangeError);
});
