import assert from "node:assert/strict";
import { ChangeCounter } from "../../../../src/coordinate/memory/change_counter.ts";

Deno.test("ChangeCounter counts", () => {
  const changes = new ChangeCounter();
  assert.equal(changes.count, 0);
  changes.increment();
  changes.increment();
  assert.equal(changes.count, 2);
});
