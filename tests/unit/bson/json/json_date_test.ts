import assert from "node:assert/strict";
import fc from "fast-check";
import { ByteSink } from "../../../../src/bson/byte_sink.ts";
import { ISO_DATE_MS_MAX, writeIsoDate } from "../../../../src/bson/json/json_date.ts";

const DAY_MS = 86_400_000;

function isoDate(ms: number): string {
  const out = new ByteSink(0);
  writeIsoDate(ms, out);
  return new TextDecoder().decode(out.take());
}

function expected(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}

Deno.test("writeIsoDate writes each day of 400 years, after which the calendar repeats", () => {
  for (let day = 0; day < 146_097; day++) {
    const ms = day * DAY_MS;
    if (isoDate(ms) !== expected(ms)) assert.equal(isoDate(ms), expected(ms));
  }
});

Deno.test("writeIsoDate writes the days around the ends of February and December to 9999", () => {
  for (let year = 1971; year <= 9999; year++) {
    for (const ms of [Date.UTC(year, 0, 1), Date.UTC(year, 2, 1)]) {
      for (const day of [ms - 2 * DAY_MS, ms - DAY_MS, ms]) {
        if (isoDate(day) !== expected(day)) assert.equal(isoDate(day), expected(day));
      }
    }
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
