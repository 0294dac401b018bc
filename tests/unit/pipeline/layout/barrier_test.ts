import assert from "node:assert/strict";
import { MemoryDestination } from "../../../../src/destination/memory_destination.ts";
import { createObjectJournal } from "../../../../src/journal/object_journal.ts";
import { createObjectLayouts } from "../../../../src/journal/object_layouts.ts";
import { LayoutChangedError } from "../../../../src/model/errors.ts";
import { type CollectionStream, streamsOfLayout } from "../../../../src/model/layout.ts";
import { type Position, positionAfterTime } from "../../../../src/model/position.ts";
import type { JournalRecord } from "../../../../src/model/record.ts";
import { streamKey, targetKey } from "../../../../src/model/stream.ts";
import { Barrier, completeLayout } from "../../../../src/pipeline/layout/barrier.ts";
import { LayoutNews } from "../../../../src/pipeline/layout/layout_watch.ts";
import { MemoryOplog } from "../../../../src/source/memory/memory_oplog.ts";
import { createMemorySource } from "../../../../src/source/memory/memory_source.ts";
import { replyOf, sketchToken } from "../../../support/event_factory.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const ORDERS: CollectionStream = { level: "collection", database: "shop", collection: "orders" };
const TARGET = targetKey(ORDERS);
const SIGNAL = new AbortController().signal;

function world() {
  const clock = new VirtualClock();
  const oplog = new MemoryOplog({ t: 1000, i: 1 });
  const source = createMemorySource({ oplog, clock });
  const destination = new MemoryDestination();
  const layouts = createObjectLayouts(destination);
  const journal = createObjectJournal(destination);
  const layoutNews = new LayoutNews(layouts, clock);
  const parts = { journal, layouts, layoutNews, source, stream: ORDERS };
  return { ...parts, parts, clock, oplog, barrier: new Barrier(parts) };
}

/** A last record of which only its end is looked at. */
function endingAt(to: Position): JournalRecord {
  return { to } as JournalRecord;
}

Deno.test("Barrier.find() knows of none while there is no intent", async () => {
  const { barrier } = world();
  assert.equal(await barrier.find(SIGNAL), undefined);
  assert.equal(barrier.isReachedBy(positionAfterTime({ t: 9999, i: 1 })), false);
  await barrier.assertBefore(positionAfterTime({ t: 9999, i: 1 }), SIGNAL);
});

Deno.test("Barrier.find() fixes the barrier of an intent at the server's last operation, once", async () => {
  const { barrier, layouts, oplog, parts } = world();
  await layouts.putIntent(TARGET, { epoch: 1, of: 2 });
  const found = await barrier.find(SIGNAL);
  assert.deepEqual(found, positionAfterTime({ t: 1000, i: 1 }));
  oplog.advanceTo({ t: 2000, i: 1 });
  const layout = await completeLayout(parts, [ORDERS], { epoch: 1, of: 2 }, SIGNAL);
  assert.deepEqual(layout, { epoch: 1, of: 2, barrier: found });
  assert.deepEqual(await new Barrier(parts).find(SIGNAL), found);
});

for (const mine of [1, 2]) {
  Deno.test(`Barrier.find() of partition ${mine} fixes no barrier before any of them, where the server lags`, async () => {
    const { layouts, parts } = world();
    await layouts.putIntent(TARGET, { epoch: 2, of: 3 });
    const reached = positionAfterTime({ t: 1000, i: 7 });
    const streams = streamsOfLayout(ORDERS, { epoch: 1, of: 2 });
    const ends = new Map([[streamKey(streams[1]!), endingAt(reached)]]);
    const journal = { last: (key: string) => Promise.resolve(ends.get(key)) };
    const barrier = new Barrier({ ...parts, journal, stream: streams[mine - 1]! });
    assert.deepEqual(await barrier.find(SIGNAL), reached);
    assert.deepEqual((await layouts.read(TARGET, 2))?.barrier, reached);
  });
}

Deno.test("Barrier.find() fixes nothing while the end of a partition's journal cannot be read", async () => {
  const { layouts, parts } = world();
  await layouts.putIntent(TARGET, { epoch: 2, of: 3 });
  const [stream, other] = streamsOfLayout(ORDERS, { epoch: 1, of: 2 });
  const last = (key: string) =>
    key === streamKey(other!) ? Promise.reject(new Error("away")) : Promise.resolve(undefined);
  const barrier = new Barrier({ ...parts, journal: { last }, stream: stream! });
  await assert.rejects(barrier.find(SIGNAL), /away/);
  assert.equal(await layouts.read(TARGET, 2), undefined);
});

Deno.test("Barrier.assertBefore() lets pass what ends at the barrier and refuses what lies beyond", async () => {
  const { barrier, layouts } = world();
  await layouts.putIntent(TARGET, { epoch: 1, of: 2 });
  await barrier.assertBefore(positionAfterTime({ t: 1000, i: 1 }), SIGNAL);
  const beyond = barrier.assertBefore(positionAfterTime({ t: 1000, i: 2 }), SIGNAL);
  await assert.rejects(beyond, LayoutChangedError);
});

Deno.test("Barrier.trim() takes from a reply what lies beyond the barrier", async () => {
  const { barrier, layouts } = world();
  await layouts.putIntent(TARGET, { epoch: 1, of: 2 });
  const events = [{ t: 999, i: 1 }, { t: 1000, i: 1 }, { t: 1000, i: 2 }].map((time) => ({
    ...time,
    database: "shop",
    collection: "orders",
  }));
  assert.equal(barrier.trim(replyOf(events)).starts.length, 3, "unknown barrier");
  const found = await barrier.find(SIGNAL);
  const trimmed = barrier.trim(replyOf(events));
  assert.equal(trimmed.starts.length, 2);
  assert.deepEqual(trimmed.highWater, found);
  assert.ok(barrier.isReachedBy(trimmed.highWater));
  const before = replyOf(events.slice(0, 1));
  assert.equal(barrier.trim(before), before);
  assert.ok(sketchToken(events[1]!) < found!.data && found!.data < sketchToken(events[2]!));
});

Deno.test("Barrier.lookIfDue() reads nothing of its own until there is news of a next layout", async () => {
  const { barrier, clock, layouts } = world();
  let reads = 0;
  const { readIntent } = layouts;
  layouts.readIntent = (...args) => (reads++, readIntent(...args));
  let found = 0;
  const look = async () => {
    barrier.lookIfDue(clock.monotonicMs(), SIGNAL, () => found++);
    await clock.settle();
  };
  for (let turn = 0; turn < 100; turn++) {
    await look();
    await clock.advance(1000);
  }
  assert.deepEqual([reads, found], [0, 0]);
  await layouts.putIntent(TARGET, { epoch: 1, of: 2 });
  await clock.advance(30_000);
  await look();
  await look();
  assert.deepEqual([reads, found], [1, 1]);
});

Deno.test("Barrier.lookIfDue() looks again after a while where it heard of a layout and could not find it", async () => {
  const { barrier, clock, layouts } = world();
  await layouts.putIntent(TARGET, { epoch: 1, of: 2 });
  const { readIntent } = layouts;
  let reads = 0;
  layouts.readIntent = (...args) => {
    return ++reads === 1 ? Promise.reject(new Error("away")) : readIntent(...args);
  };
  let found = 0;
  for (let second = 0; second < 40; second++) {
    barrier.lookIfDue(clock.monotonicMs(), SIGNAL, () => found++);
    await clock.advance(1000);
  }
  assert.deepEqual([reads, found], [2, 1]);
});
