import assert from "node:assert/strict";
import { composed } from "../../support/composed.ts";
import { LakeWorld } from "../../support/lake_world.ts";

Deno.test("streamParts gives all streams the same budget and the same places", () => {
  const limits = { memoryBudgetBytes: 77, openingsMax: 1, redosMax: 1, recordFormat: 1 } as const;
  const { parts } = composed(new LakeWorld(), { settings: { limits } }).pipeline;
  assert.equal(parts.budget.limitBytes, 77);
  assert.notEqual(parts.openings, parts.redos);
  assert.equal(parts.recordFormat.versionAfter(), 1);
});
