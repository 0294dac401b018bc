import assert from "node:assert/strict";
import { planFor } from "../../../../src/coordinate/assign/plan.ts";
import { Planner } from "../../../../src/coordinate/assign/planner.ts";
import type { MemberInfo } from "../../../../src/coordinate/members.ts";

const STREAMS = ["x", "y", "z"];

function member(owner: string, rest: Partial<MemberInfo> = {}): MemberInfo {
  const facts = { instance: owner, version: "", since: "", failed: 0, isLeaving: false };
  return { ...facts, leftMs: 5000, owner, streams: STREAMS, ...rest };
}

function lease(stream: string, owner: string, leftMs = 1000) {
  return { stream, owner, generation: 1, instance: owner, since: "", leftMs };
}

Deno.test("Planner plans once for what is the same, with the times as of now", () => {
  const planner = new Planner();
  const leases = [lease("x", "me"), lease("y", "gone", 700)];
  const before = planner.planFor(member("me"), { members: [member("me")], leases });
  leases[1]!.leftMs = 600;
  const now = planner.planFor(member("me"), { members: [member("me", { leftMs: 1 })], leases });
  assert.equal(now.own, before.own);
  assert.deepEqual([before.waitMs, now.waitMs, now.expiryMs], [700, 600, 600]);
});

Deno.test("Planner plans anew where anybody or anything is another", () => {
  const self = member("me");
  const leases = STREAMS.map((stream) => lease(stream, "me"));
  const view = { members: [self, member("other")], leases };
  const others: [string, MemberInfo, typeof view][] = [
    ["own streams", member("me", { streams: ["x"] }), view],
    ["own failures", member("me", { failed: 3 }), view],
    ["a member more", self, { ...view, members: [...view.members, member("third")] }],
    ["a member less", self, { ...view, members: [self] }],
    ["another member", self, { ...view, members: [self, member("third")] }],
    ["who leaves", self, { ...view, members: [self, member("other", { isLeaving: true })] }],
    ["what others know", self, { ...view, members: [self, member("other", { streams: ["z"] })] }],
    ["who fails", self, { ...view, members: [self, member("other", { failed: 9 })] }],
    ["other leases", self, { ...view, leases: [lease("x", "other")] }],
  ];
  for (const [what, newSelf, newView] of others) {
    const planner = new Planner();
    planner.planFor(self, view);
    assert.deepEqual(planner.planFor(newSelf, newView), planFor(newSelf, newView), what);
  }
});

Deno.test("Planner finds leases of the view that is looked at", () => {
  const planner = new Planner();
  const view = (generation: number) => ({
    members: [],
    leases: [{ ...lease("x", "me"), generation }],
  });
  assert.equal(planner.leasesOf(view(1)).get("x")?.generation, 1);
  assert.equal(planner.leasesOf(view(2)).get("x")?.generation, 2);
});
