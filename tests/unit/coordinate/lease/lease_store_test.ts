import assert from "node:assert/strict";
import { isSameClaim } from "../../../../src/coordinate/lease/lease_store.ts";

Deno.test("isSameClaim wants the same owner, generation and time", () => {
  const claim = { owner: "a", generation: 3, since: "2026-11-21T00:00:00.000Z" };
  assert.equal(isSameClaim(claim, { ...claim }), true);
  assert.equal(isSameClaim(claim, { ...claim, owner: "b" }), false);
  assert.equal(isSameClaim(claim, { ...claim, generation: 4 }), false);
  assert.equal(isSameClaim(claim, { ...claim, since: "2026-11-20T23:59:59.999Z" }), false);
});
