import assert from "node:assert/strict";
import { rememberLast } from "../../../src/support/remember_last.ts";

Deno.test("rememberLast makes an answer once for the same, and anew for another", () => {
  let made = 0;
  const doubled = rememberLast((list: readonly number[]) => {
    made++;
    return list.map((each) => each * 2);
  });
  const [one, two] = [[1], [2]];
  assert.equal(doubled(one), doubled(one));
  assert.deepEqual([doubled(two), doubled(one)], [[4], [2]]);
  assert.equal(made, 3);
});
