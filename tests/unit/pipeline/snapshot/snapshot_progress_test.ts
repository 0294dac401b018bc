import assert from "node:assert/strict";
import { progressOf } from "../../../../src/pipeline/snapshot/snapshot_progress.ts";
import { RangeWorld } from "../../../support/range_world.ts";

Deno.test("progressOf() counts documents and bytes of ranges, and says which are open", async () => {
  const range = new RangeWorld(200);
  const { world, plan } = range;
  const look = (nowMs = world.clock.wallMs()) => progressOf(world.journal, plan, nowMs);
  assert.deepEqual(await look(), { open: [1], isCut: false, documentsRead: 0, bytesStored: 0 });
  const copy = range.copy();
  copy.stored = () => copy.stop.abort();
  await copy.run();
  const half = await look();
  assert.deepEqual([half.open, half.documentsRead], [[1], (await range.rows()).length]);
  await range.copy().runToEnd();
  const { bytesStored, ...done } = await look();
  assert.deepEqual(done, { open: [], isCut: false, documentsRead: 203 });
  const keys = await world.destination.list("db=", { limit: 100 });
  const sizes = await Promise.all(keys.map(async (key) => {
    return (await world.destination.get(key))!.length;
  }));
  assert.equal(bytesStored, sizes.reduce((sum, each) => sum + each));
});

Deno.test("progressOf() tells how fast a range is read, unless nothing came for two minutes", async () => {
  const range = new RangeWorld(200);
  const { world, plan } = range;
  for (let run = 0; run < 2; run++) {
    const copy = range.copy();
    copy.stored = () => copy.stop.abort();
    await copy.run();
    await world.clock.advance(1000);
  }
  const { documentsPerSecond } = await progressOf(world.journal, plan, world.clock.wallMs());
  assert(documentsPerSecond !== undefined && documentsPerSecond > 0, `${documentsPerSecond}`);
  const later = await progressOf(world.journal, plan, world.clock.wallMs() + 121_000);
  assert.equal(later.documentsPerSecond, undefined);
});
