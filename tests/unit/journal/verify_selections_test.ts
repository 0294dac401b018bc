import assert from "node:assert/strict";
import { MemoryDestination } from "../../../src/destination/memory_destination.ts";
import { acceptLosses } from "../../../src/journal/accept_losses.ts";
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

Deno.test("verifySelections takes the gaps of an entry that somebody has accepted for dealt with, and later ones not", async () => {
  const store = new MemoryDestination();
  const log = createObjectCoverage(store);
  const time = { t: 100, i: 1 };
  const entry = (seq: number, reasons: readonly string[]) => ({
    ...{ seq, filter: { include: ["shop.o*"], exclude: [] }, start: positionAt(time) },
    ...{ through: time, before: [], open: [], writtenAt: "" },
    gaps: reasons.map((reason) => ({ from: time, to: { t: 200, i: 2 }, reason })),
  });
  await log.append("bbbb", entry(0, []));
  await log.append("bbbb", entry(1, ["first"]));
  const journal = { streams: () => Promise.resolve([]) };
  const how = { reason: "looked by hand", acceptedBy: "host", acceptedAt: "2026-11-28T03:00:00Z" };
  const accept = (seq: number) =>
    acceptLosses(store, journal, { ...how, stream: "selection.bbbb", seqs: [seq] });
  await assert.rejects(accept(0), /Cannot accept entry 0 of selection bbbb: .* no time/);
  await accept(1);
  const [whole] = await verifySelections(store);
  assert.deepEqual([whole?.holes, whole?.accepted?.length], [[], 1]);
  assert.equal(whole?.accepted?.[0]?.reason, "looked by hand");
  await log.append("bbbb", entry(2, ["first", "second"]));
  const [again] = await verifySelections(store);
  assert.match(again!.holes.map(({ what }) => what).join(), /^[^,]*: second$/);
  assert.equal(again?.accepted?.length, 1);
  const damaged = new TextEncoder().encode("{");
  await store.putIfAbsent("_tributary/accepted/selection.bbbb/0000000000000009.json", damaged);
  await accept(2);
  const [both] = await verifySelections(store);
  assert.deepEqual([both?.holes, both?.accepted?.length], [[], 2]);
});
