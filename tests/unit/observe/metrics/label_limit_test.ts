import assert from "node:assert/strict";
import { LabelLimit } from "../../../../src/observe/metrics/label_limit.ts";

Deno.test("LabelLimit admits the first values for ever and no later ones", () => {
  const limit = new LabelLimit(2);
  const asked = ["a", "b", "c", "a", "c", "b"];
  assert.deepEqual(asked.map((value) => limit.admits(value)), [
    true,
    true,
    false,
    true,
    false,
    true,
  ]);
});
