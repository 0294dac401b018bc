import assert from "node:assert/strict";
import { samplesALook } from "../../../../src/observe/status/look_pace.ts";

Deno.test("samplesALook lets thousands of streams be looked at more seldom", () => {
  assert.deepEqual([0, 1, 250, 500, 1000, 100_000].map(samplesALook), [1, 1, 1, 2, 4, 4]);
});
