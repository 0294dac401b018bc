import assert from "node:assert/strict";
import {
  claimOf,
  claimsOf,
  copyDivision,
  dropClaim,
  emptyDivision,
  formatDivision,
  parseDivision,
} from "../../../../src/coordinate/objects/division.ts";

const HOLDER = { owner: "a", instance: "a's", since: "2026-11-21T00:00:00.000Z", ttlMs: 30_000 };

function divided() {
  const division = emptyDivision();
  division.changes = 7;
  division.streams.set("collection.shop.orders", { generation: 3, holder: HOLDER });
  division.streams.set("collection.shop.items", { generation: 9 });
  division.paused.add("collection.shop.items");
  division.flushes.set("id", "collection.shop.orders");
  return division;
}

Deno.test("a division is read as it was written, and its id is no part of it", () => {
  assert.deepEqual(parseDivision(formatDivision(divided(), "id-1")), divided());
  assert.notEqual(formatDivision(divided(), "id-1"), formatDivision(divided(), "id-2"));
});

Deno.test("fields of a newer version are left out, and a newer division is refused", () => {
  const written = JSON.parse(formatDivision(divided(), "id"));
  written.streams["collection.shop.orders"].more = written.more = 1;
  assert.deepEqual(parseDivision(JSON.stringify(written)), divided());
  assert.throws(() => parseDivision(JSON.stringify({ ...written, v: 2 })), /its version is 2/);
});

Deno.test("what is no division counts as an empty one", () => {
  for (const text of ["", "{", "[]", "null", '{"v":1}', '{"v":1,"streams":{"a":{}}}']) {
    assert.deepEqual(parseDivision(text), emptyDivision(), text);
  }
});

Deno.test("dropClaim remembers the generation, is news, and leaves a copy alone", () => {
  const division = divided();
  const copy = copyDivision(division);
  const claim = claimOf(division, "collection.shop.orders")!;
  assert.deepEqual(claimsOf(division), [claim]);
  dropClaim(division, claim);
  assert.deepEqual(claimsOf(division), []);
  assert.equal(division.streams.get(claim.stream)?.generation, 3);
  assert.equal(division.changes, 8);
  assert.deepEqual(copy, divided());
});
