import assert from "node:assert/strict";
import type { MemberInfo } from "../../../../src/coordinate/members.ts";
import { planFor } from "../../../../src/coordinate/assign/plan.ts";

function member(owner: string, streams: string[], isLeaving = false, leftMs = 5000): MemberInfo {
  return { leftMs, owner, instance: owner, version: "", since: "", streams, failed: 0, isLeaving };
}

function lease(stream: string, owner: string, leftMs = 1000) {
  return { stream, owner, generation: 1, instance: owner, since: "", leftMs };
}

Deno.test("planFor counts this instance once, as it is and not as the store remembers it", () => {
  const self = member("a", ["x", "y"]);
  const plan = planFor(self, { members: [member("a", [])], leases: [] });
  assert.deepEqual([...plan.own], ["x", "y"]);
  assert.deepEqual(plan.free, ["x", "y"]);
  assert.equal(plan.waitMs, Infinity);
});

Deno.test("planFor waits for what a member that leaves, or is gone, still holds", () => {
  const members = [member("b", ["x", "y"], true)];
  const leases = [lease("x", "b", 700), lease("y", "gone", 300)];
  const plan = planFor(member("a", ["x", "y"]), { members, leases });
  assert.deepEqual([...plan.own], ["x", "y"]);
  assert.deepEqual(plan.free, []);
  assert.equal(plan.waitMs, 300);
});

Deno.test("planFor takes a lease of its own that it does not remember for free", () => {
  const plan = planFor(member("a", ["x"]), { members: [], leases: [lease("x", "a")] });
  assert.deepEqual(plan.free, ["x"]);
});

Deno.test("planFor knows what others should have, also what only they know", () => {
  const members = [member("b", ["x", "z"])];
  const leases = [lease("x", "b"), lease("y", "a"), lease("z", "b")];
  const plan = planFor(member("a", ["x", "y"]), { members, leases });
  assert.deepEqual([...plan.own], ["y"]);
  assert.deepEqual([...plan.others], ["x", "z"]);
});

Deno.test("planFor gives nothing to an instance that leaves itself", () => {
  const plan = planFor(member("a", ["x"], true), { members: [], leases: [] });
  assert.equal(plan.own.size, 0);
});

Deno.test("planFor knows when the first lease or member of another instance expires", () => {
  const self = member("a", ["x", "y"]);
  const next = (members: MemberInfo[], ...leases: ReturnType<typeof lease>[]) =>
    planFor(self, { members: [member("a", [], false, 1), ...members], leases }).expiryMs;
  assert.equal(next([]), Infinity);
  assert.equal(next([], lease("x", "a", 2)), Infinity);
  assert.equal(next([member("b", ["x"], false, 700)], lease("x", "b", 800)), 700);
  assert.equal(next([member("b", ["x"], false, 900)], lease("x", "b", 800)), 800);
  assert.equal(next([], lease("x", "b", Infinity)), Infinity);
});
