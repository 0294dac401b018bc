import assert from "node:assert/strict";
import fc from "fast-check";
import {
  formatDuration,
  formatSeconds,
  formatSize,
  parseDurationMs,
  parseSizeBytes,
} from "../../../src/support/units.ts";

Deno.test("parseDurationMs reads each unit, fractions and blanks around", () => {
  const cases: [string, number][] = [
    ["500ms", 500],
    ["30s", 30_000],
    ["1.5m", 90_000],
    ["2h", 7_200_000],
    ["7d", 604_800_000],
    ["0s", 0],
    [" 3m ", 180_000],
  ];
  for (const [text, ms] of cases) assert.equal(parseDurationMs(text), ms, text);
});

Deno.test("parseSizeBytes reads binary and decimal units", () => {
  const cases: [string, number][] = [
    ["12B", 12],
    ["64MiB", 67_108_864],
    ["1.5KiB", 1536],
    ["2GiB", 2_147_483_648],
    ["100KB", 100_000],
    ["3MB", 3_000_000],
    ["1GB", 1_000_000_000],
  ];
  for (const [text, bytes] of cases) assert.equal(parseSizeBytes(text), bytes, text);
});

Deno.test("parseDurationMs and parseSizeBytes are undefined for any other text", () => {
  const others = ["", "5", "s", "-1s", "1 s", "1S", "1e3s", ".5s", "5.s", "1m30s", "Infinitys"];
  for (const text of [...others, "9".repeat(400) + "d"]) {
    assert.equal(parseDurationMs(text), undefined, text);
  }
  for (const text of ["", "5", "MiB", "-1B", "1 MiB", "1mib", "1M", "9".repeat(400) + "GiB"]) {
    assert.equal(parseSizeBytes(text), undefined, text);
  }
});

Deno.test("parseDurationMs reads back what formatDuration writes", () => {
  const unit = fc.constantFrom(1, 1000, 60_000, 3_600_000, 86_400_000);
  fc.assert(fc.property(fc.nat({ max: 100_000 }), unit, (count, ms) => {
    assert.equal(parseDurationMs(formatDuration(count * ms)), count * ms);
  }));
});

Deno.test("parseSizeBytes reads back what formatSize writes", () => {
  const unit = fc.constantFrom(1, 1000, 1024, 1024 ** 2, 1024 ** 3);
  fc.assert(fc.property(fc.nat({ max: 100_000 }), unit, (count, bytes) => {
    assert.equal(parseSizeBytes(formatSize(count * bytes)), count * bytes);
  }));
});

Deno.test("formatDuration and formatSize take the largest unit that goes in evenly", () => {
  const durations: [number, string][] = [[0, "0ms"], [999, "999ms"], [1500, "1500ms"]];
  durations.push([30_000, "30s"], [90_000, "90s"], [60_000, "1m"], [86_400_000, "1d"]);
  for (const [ms, text] of durations) assert.equal(formatDuration(ms), text);
  const sizes: [number, string][] = [[0, "0B"], [1000, "1000B"], [1536, "1536B"], [1024, "1KiB"]];
  sizes.push([67_108_864, "64MiB"], [1024 ** 3, "1GiB"]);
  for (const [bytes, text] of sizes) assert.equal(formatSize(bytes), text);
});

Deno.test("formatSeconds shows two units at most", () => {
  const shown = [0, 999, 59_999, 60_000, 65_000, 3_599_999, 3_600_000, 48 * 3_600_000, Infinity]
    .map(formatSeconds);
  assert.deepEqual(shown, [
    ...["0s", "0s", "59s", "1m 00s", "1m 05s", "59m 59s", "1h 00m", "2d 0h", "-"],
  ]);
});
