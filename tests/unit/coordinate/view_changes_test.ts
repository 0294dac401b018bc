import assert from "node:assert/strict";
import type { CoordinateEvent } from "../../../src/coordinate/events.ts";
import type { MemberInfo } from "../../../src/coordinate/members.ts";
import { ViewChanges } from "../../../src/coordinate/view_changes.ts";

function memberOf(instance: string): MemberInfo {
  return {
    ...{ owner: `${instance}-1`, instance, version: "1", since: "2026", leftMs: 1 },
    ...{ streams: [], failed: 0, isLeaving: false },
  };
}

Deno.test("ViewChanges tells only what has become another", () => {
  const told: CoordinateEvent[] = [];
  const self = { owner: "b-1", instance: "b" };
  const changes = new ViewChanges(self, (event) => told.push(event));
  const view = { members: [memberOf("a"), memberOf("b")], leases: [] };
  const plan = { own: new Set(["s"]), others: new Set(["t"]) };
  const well = { failing: [], waits: "" };
  changes.tell(view, plan, well);
  assert.deepEqual(told, [
    { type: "members-changed", instances: ["a", "b"] },
    { type: "shares-changed", streams: 2, own: 1 },
  ]);
  changes.tell(view, plan, well);
  assert.equal(told.length, 2);
  changes.tell(view, plan, { failing: ["s"], waits: "for a" });
  changes.tell(view, plan, well);
  assert.deepEqual(told.slice(2), [
    { type: "failing-changed", streams: ["s"] },
    { type: "rival-changed", reason: "for a" },
    { type: "failing-changed", streams: [] },
    { type: "rival-changed", reason: "" },
  ]);
});
