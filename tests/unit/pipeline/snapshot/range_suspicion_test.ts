import assert from "node:assert/strict";
import { RangeSuspicion } from "../../../../src/pipeline/snapshot/range_suspicion.ts";

Deno.test("chunks are small until as many documents have passed as the crashed one had", () => {
  const suspicion = new RangeSuspicion();
  assert.equal(suspicion.rowsMax, Number.MAX_SAFE_INTEGER);
  suspicion.crashed({ rows: 80, firstPlace: "a" });
  assert.equal(suspicion.rowsMax, 10);
  suspicion.passed(70);
  assert.equal(suspicion.rowsMax, 10);
  suspicion.passed(10);
  assert.equal(suspicion.rowsMax, Number.MAX_SAFE_INTEGER);
});

Deno.test("a document is set aside once it has crashed all by itself, and stays so", () => {
  const suspicion = new RangeSuspicion();
  suspicion.crashed({ rows: 2, firstPlace: "a" });
  assert(!suspicion.isAlone("a"));
  suspicion.crashed({ rows: 1, firstPlace: "b" });
  suspicion.passed(5);
  assert(suspicion.isAlone("b"));
});
