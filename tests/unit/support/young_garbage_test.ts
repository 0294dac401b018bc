import assert from "node:assert/strict";
import { youngCollector, YoungGarbage } from "../../../src/support/young_garbage.ts";

Deno.test("YoungGarbage collects when enough may have died, and counts anew then", () => {
  let collected = 0;
  const garbage = new YoungGarbage(100, () => collected++);
  const counts = [60, 39, 1, 99, 1, 500, 99].map((bytes) => (garbage.note(bytes), collected));
  assert.deepEqual(counts, [0, 0, 1, 1, 2, 3, 3]);
});

Deno.test("youngCollector clears the young generation, where the runtime lets it", () => {
  const asked: unknown[] = [];
  youngCollector({ gc: (options) => asked.push(options) })();
  assert.deepEqual(asked, [{ type: "minor" }]);
  youngCollector({})();
});
