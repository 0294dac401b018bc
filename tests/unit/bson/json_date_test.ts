import assert from "node:assert/strict";
import fc from "fast-check";
import { ByteSink } from "../../../src/bson/byte_sink.ts";
import { ISO_DATE_MS_MAX, writeIsoDate } from "../../../src/bson/json_date.ts";

function isoDate(ms: number): string {
  const out = new ByteSink(0);
  writeIsoDate(ms, out);
  return new TextDecoder().decode(out.take());
}

function expected(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}

Deno.test("writeIsoDate writes each day from 1970 to 9999", () => {
  const DAY_MS = 86_400_000;
  for (let ms = 0; ms <= ISO_DATE_MS_MAX; ms += DAY_MS) {
    if (isoDate(ms) !== expected(ms)) assert.equal(isoDate(ms), expected(ms));
  }
});

Deno.test("writeIsoDate writes any millisecond as toISOString does, without empty decimals", () => {
  assert.equal(isoDate(0), "1970-01-01T00:00:00Z");
  assert.equal(isoDate(ISO_DATE_MS_MAX), "9999-12-31T23:59:59.999Z");
  fc.assert(
    fc.property(fc.integer({ min: 0, max: ISO_DATE_MS_MAX }), (ms) => {
      assert.equal(isoDate(ms), expected(ms));
    }),
    { numRuns: 3000 },
  );
});
