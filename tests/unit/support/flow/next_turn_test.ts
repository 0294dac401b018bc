import assert from "node:assert/strict";
import process from "node:process";
import { nextTurn } from "../../../../src/support/flow/next_turn.ts";

Deno.test("nextTurn resolves after all that is queued for the end of this turn", async () => {
  const order: string[] = [];
  queueMicrotask(() => queueMicrotask(() => order.push("microtask")));
  process.nextTick(() => order.push("tick"));
  await nextTurn();
  assert.deepEqual(order.sort(), ["microtask", "tick"]);
});
