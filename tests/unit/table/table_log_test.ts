import assert from "node:assert/strict";
import { addHoles, hasHoles, NO_HOLES } from "../../../src/table/table_log.ts";

Deno.test("addHoles adds each kind, and hasHoles finds any", () => {
  const sum = addHoles({ gaps: 1, voidedObjects: 2, deadLetters: 3 }, { ...NO_HOLES, gaps: 4 });
  assert.deepEqual(sum, { gaps: 5, voidedObjects: 2, deadLetters: 3 });
  assert(hasHoles({ ...NO_HOLES, deadLetters: 1 }));
  assert(!hasHoles(NO_HOLES));
});
