import assert from "node:assert/strict";
import { silentMsOf } from "../../../src/coordinate/silence.ts";

Deno.test("silentMsOf is how old the last words are of who should have said more since", () => {
  const silentMs = (ageMs?: number, everyMs?: number) =>
    silentMsOf({
      ...{ owner: "a", streams: [] },
      ...(ageMs === undefined ? {} : { ageMs }),
      ...(everyMs === undefined ? {} : { everyMs }),
    });
  assert.deepEqual([silentMs(10_000, 5000), silentMs(10_001, 5000)], [undefined, 10_001]);
  // An older version does not say how often it talks, or when it did; some have said nothing yet.
  assert.deepEqual([silentMs(90_000), silentMs(undefined, 5000)], [undefined, undefined]);
  assert.equal(silentMsOf(undefined), undefined);
});
