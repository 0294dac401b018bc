import assert from "node:assert/strict";
import { KeySet } from "../../../../src/support/bytes/key_set.ts";

Deno.test("KeySet has what was added and nothing else, however many", () => {
  const set = new KeySet();
  for (let i = 0; i < 20_000; i++) set.add(`key-${i % 10_000}`);
  assert.equal(set.size, 10_000);
  for (let i = 0; i < 10_000; i++) {
    assert(set.has(`key-${i}`));
    assert(!set.has(`key-${i + 10_000}`));
  }
});
