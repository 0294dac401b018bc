import assert from "node:assert/strict";
import { parsePoint } from "../../../src/cli/point.ts";

Deno.test("parsePoint reads words, times, tokens and operation times", () => {
  assert.deepEqual(parsePoint("now"), { kind: "now" });
  assert.deepEqual(parsePoint("earliest"), { kind: "earliest" });
  assert.deepEqual(parsePoint("1970-01-01T00:01:00Z"), { kind: "time", seconds: 60 });
  assert.deepEqual(parsePoint("82691fabcd000000012b"), {
    kind: "token",
    data: "82691FABCD000000012B",
  });
  assert.deepEqual(parsePoint("1795194000.12"), {
    kind: "operation",
    time: { t: 1795194000, i: 12 },
  });
});

Deno.test("parsePoint refuses everything else", () => {
  for (const text of ["", "later", "5", "5.", "4294967296.1", "2026-02-30", "-1.1"]) {
    assert.equal(parsePoint(text), undefined, text);
  }
});
