import assert from "node:assert/strict";
import { Retries } from "../../../../src/table/follow/retries.ts";

/** In which of some turns it is tried, where each try fails. */
function triesIn(retries: Retries, turns: number): number[] {
  const tries: number[] = [];
  for (let turn = 1; turn <= turns; turn++) {
    if (!retries.isDue()) continue;
    tries.push(turn);
    retries.failed();
  }
  return tries;
}

Deno.test("it is tried ever less often, and not less than each 64 turns", () => {
  const tries = triesIn(new Retries(), 300);
  assert.deepEqual(tries, [1, 2, 4, 8, 16, 32, 64, 128, 192, 256]);
});

Deno.test("after a success it is tried soon again", () => {
  const retries = new Retries();
  triesIn(retries, 100);
  retries.succeeded();
  assert.deepEqual(triesIn(retries, 4), [1, 2, 4]);
});
