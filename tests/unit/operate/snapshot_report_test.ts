import assert from "node:assert/strict";
import { createObjectLayouts } from "../../../src/journal/object_layouts.ts";
import { createObjectSnapshots } from "../../../src/journal/object_snapshots.ts";
import {
  cancelSnapshots,
  readSnapshots,
  unfinishedSnapshots,
} from "../../../src/operate/snapshot_report.ts";
import type { Stream } from "../../../src/model/stream.ts";
import { lakeWith } from "../../support/closed_journals.ts";
import { OPLOG_SECONDS_FIRST } from "../../support/lake_world.ts";
import { RangeWorld } from "../../support/range_world.ts";

const ID = "collection.shop.orders.initial";
const AT = "2026-11-20T17:00:00Z";

function scene() {
  const range = new RangeWorld();
  const { destination, journal, clock } = range.world;
  const files = createObjectSnapshots(destination);
  return { range, files, parts: { files, journal, clock } };
}

Deno.test("readSnapshots() follows a snapshot from being due to its end", async () => {
  const { range, files, parts } = scene();
  const states = async () => (await readSnapshots(parts)).map(({ state }) => state);
  assert.deepEqual(await states(), []);
  const { stream } = range.plan;
  await files.putIntent({ v: 1, id: ID, reason: "initial", stream, writtenAt: AT });
  assert.deepEqual(await states(), ["due"]);
  await files.putPlan(range.plan);
  assert.deepEqual(await states(), ["running"]);
  await range.copy().runToEnd();
  await files.putEnd({ v: 1, id: ID, writtenAt: AT });
  const [{ bytesStored, ...report }] = await readSnapshots(parts) as [
    Awaited<ReturnType<typeof readSnapshots>>[number],
  ];
  assert(bytesStored > 0);
  assert.deepEqual(report, {
    ...{ id: ID, name: "shop.orders", streamKey: "collection.shop.orders", reason: "initial" },
    ...{
      state: "complete",
      where: null,
      isFiltered: false,
      dueSince: AT,
      endedAt: AT,
      documentsRead: 14,
    },
    ...{ documentsExpected: 11, documentsPerSecond: null, ranges: { closed: 1, of: 1 } },
  });
});

Deno.test("snapshots are found by their target, their id and their name", async () => {
  const { range, files, parts } = scene();
  await files.putPlan(range.plan);
  const other = "collection.shop.orders%2Eold.initial";
  await files.putPlan({ ...range.plan, id: other });
  const ids = async (word?: string) => (await readSnapshots(parts, word)).map(({ id }) => id);
  assert.deepEqual(await ids(), [other, ID].sort());
  for (const word of ["shop.orders", "collection:shop.orders", ID, "snapshot:shop.orders"]) {
    assert.deepEqual(await ids(word), [ID], word);
  }
  assert.deepEqual(await ids("shop.items"), []);
});

Deno.test("cancelSnapshots() cancels those that are not at their end, and says where there is none", async () => {
  const { range, files, parts } = scene();
  const nothing = /no snapshot of shop\.orders under way/;
  await assert.rejects(cancelSnapshots(parts, "shop.orders"), nothing);
  await files.putPlan(range.plan);
  assert.deepEqual(await cancelSnapshots(parts, "shop.orders"), [ID]);
  assert.deepEqual((await readSnapshots(parts)).map(({ state }) => state), ["cancelling"]);
  await files.putEnd({ v: 1, id: ID, outcome: "cancelled", writtenAt: AT });
  assert.deepEqual((await readSnapshots(parts)).map(({ state }) => state), ["cancelled"]);
  await assert.rejects(unfinishedSnapshots(files, "shop.orders"), nothing);
});

Deno.test("readSnapshots() tells what was left when a stream was retired, unless a wider one goes on", async () => {
  const shop: Stream = { level: "database", database: "shop" };
  const world = await lakeWith([[shop, OPLOG_SECONDS_FIRST]]);
  const files = createObjectSnapshots(world.destination);
  const layouts = createObjectLayouts(world.destination);
  const { journal, clock } = world;
  const left = async () => {
    const [report] = await readSnapshots({ files, journal, layouts, clock });
    return report!.isLeft;
  };
  await files.putIntent({ v: 1, id: ID, reason: "initial", stream: shop, writtenAt: AT });
  assert.equal(await left(), true);
  await world.instance({ stream: { level: "deployment" } }).runToEnd();
  assert.equal(await left(), undefined);
});
