import assert from "node:assert/strict";
import { isSameMember, type Member } from "../../../src/coordinate/members.ts";

const MEMBER: Member = {
  ...{ owner: "a", instance: "A", version: "1", since: "", failed: 0, isLeaving: false },
  streams: ["x", "y"],
};

Deno.test("isSameMember tells whether there is anything new", () => {
  assert.equal(isSameMember(undefined, MEMBER), false);
  assert.equal(isSameMember(MEMBER, { ...MEMBER, streams: ["x", "y"] }), true);
  const others: Partial<Member>[] = [
    { failed: 1 },
    { isLeaving: true },
    { waits: "for another one" },
    { streams: ["x"] },
    { streams: ["x", "z"] },
    { streams: ["x", "y", "z"] },
  ];
  for (const other of others) {
    assert.equal(isSameMember(MEMBER, { ...MEMBER, ...other }), false, JSON.stringify(other));
  }
});
