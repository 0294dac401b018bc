import assert from "node:assert/strict";
import { freeBytes } from "../../../src/support/free_bytes.ts";

Deno.test("freeBytes takes the buffer away from everybody who looks at it", () => {
  const bytes = new Uint8Array([1, 2, 3]);
  const view = bytes.subarray(1);
  freeBytes(bytes);
  assert.deepEqual([bytes.length, view.length], [0, 0]);
});
