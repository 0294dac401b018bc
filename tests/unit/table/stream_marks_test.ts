import assert from "node:assert/strict";
import { appIdOf, recordMark } from "../../../src/table/stream_marks.ts";

Deno.test("a record's mark is as much of its id as a number holds exactly", () => {
  const record = recordMark("fedcba98-7654-3210-ffff-ffffffffffff");
  assert.equal(record, 0xfedcba9876543);
  assert(Number.isSafeInteger(record));
});

Deno.test("a journal of another lake with the same key has a place of its own", () => {
  const [ours, theirs] = ["01234567", "76543210"].map((lake) => appIdOf("collection.a.b", lake));
  assert.equal(ours, "collection.a.b@01234567");
  assert.notEqual(ours, theirs);
});
