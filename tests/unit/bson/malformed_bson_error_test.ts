import assert from "node:assert/strict";
import { MalformedBsonError } from "../../../src/bson/malformed_bson_error.ts";

Deno.test("MalformedBsonError says what is wrong and where", () => {
  const error = new MalformedBsonError("the string ends without a zero", 17);
  assert.equal(error.offset, 17);
  assert.match(error.message, /the string ends without a zero/);
  assert.match(error.message, /17/);
});
