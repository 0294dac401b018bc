import assert from "node:assert/strict";
import { ChangeCounter } from "../../../../src/coordinate/memory/change_counter.ts";
import { createMemoryMembers } from "../../../../src/coordinate/memory/memory_members.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const MEMBER = {
  owner: "a",
  instance: "a",
  version: "0.1.0",
  since: "t",
  streams: [],
  failed: 0,
  isLeaving: false,
};

Deno.test("createMemoryMembers forgets a member at the end of its TTL; its return is news", async () => {
  const [clock, changes] = [new VirtualClock(), new ChangeCounter()];
  const members = createMemoryMembers(clock, changes);
  await members.announce(MEMBER, 1000);
  await clock.advance(999);
  assert.deepEqual(await members.list(), [{ ...MEMBER, leftMs: 1 }]);
  const before = changes.count;
  await clock.advance(1);
  assert.deepEqual(await members.list(), []);
  assert.equal(changes.count, before);
  await members.announce(MEMBER, 1000);
  assert.equal(changes.count, before + 1);
});
