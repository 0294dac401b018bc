import assert from "node:assert/strict";
import { viewOf } from "../../../src/bson/view_of.ts";

Deno.test("viewOf shows the bytes it is given, also in turns", () => {
  const memory = Uint8Array.from({ length: 16 }, (_, i) => i);
  const front = memory.subarray(0, 8);
  const back = memory.subarray(8);
  for (const [source, first] of [[front, 0], [back, 8], [front, 0]] as const) {
    const view = viewOf(source);
    assert.equal(view.byteLength, 8);
    assert.equal(view.getUint8(0), first);
    assert.equal(viewOf(source), view);
  }
});
