import assert from "node:assert/strict";
import { concatBytes } from "../../../../src/support/bytes/concat_bytes.ts";

Deno.test("concatBytes puts all parts one behind the other into a buffer of their size", () => {
  const all = concatBytes([Uint8Array.of(1, 2), new Uint8Array(0), Uint8Array.of(3)]);
  assert.deepEqual([...all], [1, 2, 3]);
  assert.equal(all.buffer.byteLength, 3);
  assert.equal(concatBytes([]).length, 0);
});
