import assert from "node:assert/strict";
import { readMember } from "../../../src/coordinate/member_shape.ts";

const MEMBER = {
  owner: "host-1",
  instance: "one",
  version: "0.1.0",
  since: "2026-11-21T00:00:00.000Z",
  streams: ["deployment"],
  failed: 1,
  isLeaving: false,
};

Deno.test("readMember reads what a member tells, with and without an address", () => {
  assert.deepEqual(readMember(JSON.stringify(MEMBER)), MEMBER);
  const withAddress = { ...MEMBER, address: "10.0.0.1:8080" };
  assert.deepEqual(readMember(JSON.stringify(withAddress)), withAddress);
  const pausing = { ...MEMBER, paused: ["deployment"] };
  assert.deepEqual(readMember(JSON.stringify(pausing)), pausing);
});

Deno.test("readMember leaves out what a newer version may say", () => {
  assert.deepEqual(readMember(JSON.stringify({ ...MEMBER, mood: "fine" })), MEMBER);
});

Deno.test("readMember takes anything else for no member", () => {
  const { streams: _, ...without } = MEMBER;
  for (const value of [null, 1, [], "x", without, { ...MEMBER, failed: -1 }]) {
    assert.equal(readMember(JSON.stringify(value)), undefined);
  }
  assert.equal(readMember("{"), undefined);
});
