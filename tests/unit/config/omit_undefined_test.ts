import assert from "node:assert/strict";
import { omitUndefined } from "../../../src/config/omit_undefined.ts";

Deno.test("omitUndefined keeps null, false and zero", () => {
  const object = { a: undefined, b: null, c: false, d: 0, e: "" };
  assert.deepEqual(Object.keys(omitUndefined(object)), ["b", "c", "d", "e"]);
});
