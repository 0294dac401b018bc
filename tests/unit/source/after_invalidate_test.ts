import assert from "node:assert/strict";
import { positionAfterTime, positionAfterToken, positionAt } from "../../../src/model/position.ts";
import { positionAfterInvalidate } from "../../../src/source/after_invalidate.ts";
import { tokenData } from "../../../src/source/memory/memory_token.ts";

const TIME = { t: 1000, i: 7 };
const token = positionAfterToken(tokenData({ time: TIME, fromInvalidate: true }));

Deno.test("positionAfterInvalidate is the server's token, marked, for whoever comes from before", () => {
  assert.deepEqual(positionAfterInvalidate(token, positionAt(TIME)), {
    ...token,
    invalidate: true,
  });
});

Deno.test("positionAfterInvalidate does not go back, and marks nothing that no server has made", () => {
  const from = positionAfterTime(TIME);
  assert.deepEqual(positionAfterInvalidate(token, from), from);
});
