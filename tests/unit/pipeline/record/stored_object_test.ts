import assert from "node:assert/strict";
import { isSameObject } from "../../../../src/pipeline/record/stored_object.ts";

Deno.test("isSameObject compares size and, where both are told, checksum", () => {
  const known = { bytes: 3, crc32: "00000001" };
  assert(!isSameObject(undefined, known));
  assert(!isSameObject({ bytes: 4 }, known));
  assert(isSameObject({ bytes: 3 }, known));
  assert(isSameObject({ bytes: 3, crc32: "00000001" }, known));
  assert(!isSameObject({ bytes: 3, crc32: "00000002" }, known));
  assert(isSameObject({ bytes: 3, crc32: "00000002" }, { bytes: 3 }));
});
