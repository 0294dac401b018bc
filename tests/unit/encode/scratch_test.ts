import assert from "node:assert/strict";
import { Scratch } from "../../../src/encode/scratch.ts";

Deno.test("Scratch.sink gives the same memory for the same name, empty", () => {
  const scratch = new Scratch();
  const first = scratch.sink("page");
  first.writeAscii("left over");
  assert.notEqual(scratch.sink("other"), first);
  const again = scratch.sink("page");
  assert.equal(again, first);
  assert.equal(again.length, 0);
});

Deno.test("Scratch.trim keeps usual sinks and lets go of large ones", () => {
  const scratch = new Scratch();
  const usual = scratch.sink("usual");
  scratch.sink("large").ensure(9 * 1024 * 1024);
  assert.ok(scratch.bytesHeld > 9 * 1024 * 1024);
  const large = scratch.sink("large").bytes.buffer;
  scratch.trim();
  assert.equal(large.detached, true);
  assert.ok(scratch.bytesHeld < 1024 * 1024);
  assert.equal(scratch.sink("usual"), usual);
});
