import assert from "node:assert/strict";
import { MemoryDestination } from "../../../src/destination/memory_destination.ts";
import { createObjectCoverage } from "../../../src/journal/object_coverage.ts";
import { verifySelections } from "../../../src/journal/verify_selections.ts";
import { positionAt } from "../../../src/model/position.ts";

Deno.test("verifySelections names the times of which it is not known what collections there were", async () => {
  const store = new MemoryDestination();
  const log = createObjectCoverage(store);
  const time = { t: 100, i: 1 };
  const whole = {
    ...{ seq: 0, filter: { include: ["shop.o*"], exclude: [] }, start: positionAt(time) },
    ...{ through: time, before: [], open: [], gaps: [], writtenAt: "" },
  };
  await log.append("aaaa", whole);
  await log.append("bbbb", whole);
  const gap = { from: time, to: { t: 200, i: 2 }, reason: "the oplog was too short" };
  await log.append("bbbb", { ...whole, seq: 1, gaps: [gap] });
  const [report, ...others] = await verifySelections(store);
  assert.deepEqual(others, []);
  assert.equal(report?.stream, "selection.bbbb");
  assert.match(
    report!.holes[0]!.what,
    /shop\.o\*.*between \S+:40Z \(100\.1\) and \S+:20Z \(200\.2\).*too short/,
  );
});
