import assert from "node:assert/strict";
import { parseStartFrom, parseTime } from "../../../../src/config/resolve/start_from.ts";
import { assertFault, configOf, faultsOf } from "../../../support/load_config.ts";

Deno.test("resolveStartFrom reads words, times and tokens", () => {
  for (
    const [text, expected] of [
      ["now", { kind: "now" }],
      ["earliest", { kind: "earliest" }],
      ["1970-01-01T00:01:00Z", { kind: "time", seconds: 60 }],
      ["2026-11-20T17:00:00.999+01:00", { kind: "time", seconds: 1795190400 }],
      ["2024-02-29", { kind: "time", seconds: 1709164800 }],
      ["82691fabcd000000012b", { kind: "token", data: "82691FABCD000000012B" }],
    ] as const
  ) {
    assert.deepEqual(configOf({ START_FROM: text }).startFrom, expected);
  }
});

Deno.test("resolveStartFrom refuses times that do not exist and half tokens", () => {
  for (
    const text of [
      "2026-02-30T00:00:00Z",
      "2026-13-01",
      "1969-12-31",
      "2026-01-01T25:00:00Z",
      "9999-01-01",
    ]
  ) {
    assertFault(faultsOf({ START_FROM: text }), "START_FROM", /no such time/);
  }
  assertFault(faultsOf({ START_FROM: "82691fabcd000000012b0" }), "START_FROM", /even number/);
  assertFault(
    faultsOf({ START_FROM: "2026-11-20T17:00:00" }),
    "START_FROM",
    /must be now, earliest/,
  );
});

Deno.test("parseStartFrom and parseTime refuse texts that are no point at all", () => {
  for (const text of ["yesterday", "2026-11-20T17:00:00", "82", "", "5"]) {
    assert.equal(typeof parseStartFrom(text), "string", text);
    assert.equal(parseTime(text), undefined, text);
  }
  assert.equal(parseTime("2024-02-29"), 1709164800);
});
