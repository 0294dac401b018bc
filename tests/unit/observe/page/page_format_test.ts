import assert from "node:assert/strict";
import { FORMAT_SCRIPT } from "../../../../src/observe/page/page_format.ts";
import { pageFunctions } from "../../../support/page_functions.ts";

const { bytes, duration, milliseconds, number, perSecond, timeOfDay } = pageFunctions(
  ["bytes", "duration", "milliseconds", "number", "perSecond", "timeOfDay"],
  FORMAT_SCRIPT,
);

Deno.test("duration says how long with a unit that people use", () => {
  const shown = [0, 0.4, 89, 90, 5399, 5400, 7260, 35_970, 36_000, 172_799, 172_800, 860_000, 9e5]
    .map((seconds) => duration!(seconds));
  assert.deepEqual(shown, [
    ...["0 s", "0 s", "89 s", "2 min", "90 min", "1 h 30 min", "2 h 1 min", "10 h", "10 h"],
    ...["48 h", "2 d", "9 d 23 h", "10 d"],
  ]);
  assert.deepEqual([duration!(null), duration!(undefined), duration!(-3)], ["-", "-", "0 s"]);
});

Deno.test("milliseconds are told as fine as it matters", () => {
  const shown = [0, 9.94, 10.6, 999, 1000, 12_345, 89_999, 120_000, null].map((ms) =>
    milliseconds!(ms)
  );
  assert.deepEqual(shown, [
    ...["0.0 ms", "9.9 ms", "11 ms", "999 ms", "1.0 s", "12.3 s", "90.0 s", "2 min", "-"],
  ]);
});

Deno.test("numbers are short enough for a column", () => {
  assert.deepEqual([0, 9999, 10_000, 1_234_567, null].map((n) => number!(n)), [
    ...["0", "9,999", "10K", "1.2M", "-"],
  ]);
  assert.deepEqual([0, 0.25, 9.96, 12.3, null].map((n) => perSecond!(n)), [
    ...["0", "0.3", "10.0", "12", "-"],
  ]);
  assert.deepEqual([0, 1023, 1536, 300 * 1024, 5 * 2 ** 40].map((n) => bytes!(n)), [
    ...["0 B", "1,023 B", "1.5 KiB", "300 KiB", "5.0 TiB"],
  ]);
});

Deno.test("timeOfDay names the day where it is another one", () => {
  const now = new Date(2026, 10, 29, 2, 13, 20).toISOString();
  const earlier = new Date(2026, 10, 29, 2, 1, 5).toISOString();
  const yesterday = new Date(2026, 10, 28, 23, 59).toISOString();
  assert.equal(timeOfDay!(earlier, now), "02:01");
  assert.equal(timeOfDay!(earlier, now, true), "02:01:05");
  assert.equal(timeOfDay!(yesterday, now), "28 Nov, 23:59");
});
