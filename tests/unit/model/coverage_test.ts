import assert from "node:assert/strict";
import { selectionKey } from "../../../src/model/coverage.ts";

Deno.test("selectionKey is the same for the same patterns in any order, and another for others", () => {
  const key = selectionKey({ include: ["shop.a*", "shop.b*"], exclude: ["*.tmp"] });
  assert.match(key, /^[0-9a-f]{16}$/);
  assert.equal(selectionKey({ include: ["shop.b*", "shop.a*"], exclude: ["*.tmp"] }), key);
  assert.notEqual(selectionKey({ include: ["shop.a*"], exclude: ["shop.b*", "*.tmp"] }), key);
  assert.notEqual(selectionKey({ include: ["shop.a*", "shop.b*", "*.tmp"], exclude: [] }), key);
});
