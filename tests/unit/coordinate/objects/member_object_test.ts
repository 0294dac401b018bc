import assert from "node:assert/strict";
import {
  formatMemberObject,
  freeSlot,
  parseMemberObject,
  slotKey,
  slotOf,
} from "../../../../src/coordinate/objects/member_object.ts";
import { memberOf } from "../../../support/object_world.ts";

const OBJECT = {
  ...{ owner: "a", counter: 3, ttlMs: 30_000 },
  claims: [{ stream: "collection.shop.orders", generation: 2 }],
};

Deno.test("a member object is read as it was written, with what it tells", () => {
  const told = { owner: "a", streams: [] };
  for (const more of [{}, { member: memberOf("a") }, { news: { ttlMs: 5000, told } }]) {
    const object = { ...OBJECT, ...more };
    assert.deepEqual(parseMemberObject(formatMemberObject(object, "id")), object);
  }
  assert.notEqual(formatMemberObject(OBJECT, "id-1"), formatMemberObject(OBJECT, "id-2"));
});

Deno.test("what a newer version tells is left out, and what is none of ours is nobody", () => {
  const written = {
    ...OBJECT,
    claims: [{ ...OBJECT.claims[0], more: 1 }],
    more: 1,
    news: { x: 1 },
  };
  assert.deepEqual(parseMemberObject(JSON.stringify(written)), OBJECT);
  for (const text of ["", "null", "{}", freeSlot("id")]) {
    assert.equal(parseMemberObject(text), undefined, text);
  }
});

Deno.test("slots are numbered in order", () => {
  assert.equal(slotKey(12), "members/000012");
  assert.equal(slotOf(slotKey(12)), 12);
  assert.equal(slotOf("members/strange"), 0);
});
