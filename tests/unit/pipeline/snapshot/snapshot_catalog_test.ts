import assert from "node:assert/strict";
import { createObjectSnapshots } from "../../../../src/journal/object_snapshots.ts";
import { positionAfterTime } from "../../../../src/model/position.ts";
import { type JournalRecord, RANGE_CANCELLED } from "../../../../src/model/record.ts";
import { initialId, rangeKey, snapshotKey } from "../../../../src/model/snapshot.ts";
import { type Stream, streamKey } from "../../../../src/model/stream.ts";
import type { Journal } from "../../../../src/pipeline/ports.ts";
import type { SnapshotFiles } from "../../../../src/pipeline/snapshots.ts";
import { announceSnapshots } from "../../../../src/pipeline/snapshot/announce.ts";
import {
  SnapshotCatalog,
  type SnapshotCatalogOptions,
  type SnapshotEvent,
} from "../../../../src/pipeline/snapshot/snapshot_catalog.ts";
import { crashAfterRecord } from "../../../support/crash_between.ts";
import { eventually } from "../../../support/eventually.ts";
import { LakeWorld, ORDERS, SETTINGS } from "../../../support/lake_world.ts";

const SERVER = { identity: { setName: "rs0" }, operationTime: { t: 1, i: 1 }, version: "6.0.5" };
const ID = "collection.shop.orders.initial";
const ASKED = "collection.shop.orders.asked-1";
const NEVER = new AbortController().signal;

/** A lake in which a snapshot is due, of so many ranges. */
function scene(ranges: number, choice: Partial<SnapshotCatalogOptions> = {}) {
  const world = new LakeWorld();
  const files = createObjectSnapshots(world.destination);
  const events: SnapshotEvent[] = [];
  let looks = 0;
  const catalog = new SnapshotCatalog({
    ...{ journal: world.journal, clock: world.clock, rangeDocumentsMax: 1 },
    streamsOf: (target) => Promise.resolve([target]),
    files: { ...files, find: () => (looks++, files.find()) },
    documents: {
      survey: () => Promise.resolve([{ ...FOUND, documents: ranges }]),
      divide: (_, parts) =>
        Promise.resolve({
          at: { t: 4_000_000_000, i: 1 },
          bounds: Array.from({ length: parts - 1 }, (_, i) => `b${i}`),
        }),
    },
    settings: () => SETTINGS,
    ...{ isWanted: () => true, isOurs: () => Promise.resolve(true), rangesMax: 4 },
    observe: (event) => void events.push(event),
    ...choice,
  });
  const announce = () => {
    const start = positionAfterTime(SERVER.operationTime);
    return announcerOf(world, files).initial(ORDERS, start, () => Promise.resolve(SERVER));
  };
  /** As a range does that is done, or cancelled. */
  const close = async (index: number, of: number, reason = "complete", id = ID) => {
    const genesis = (await world.journal.read(streamKey(ORDERS), 0))!;
    const key = rangeKey(id, index, of);
    await world.journal.append(key, { ...genesis, id: `${index}` });
    const { v, from, to, owner, writtenAt } = genesis;
    await world.journal.append(key, {
      ...{ v, from, to, owner, writtenAt, generation: 1, settingsSeq: 0, durableThrough: 0 },
      ...{ seq: 1, kind: "closed", reason, id: `${index} closed` },
    });
  };
  const begin = () => crashAfterRecord(world.instance(), 0);
  return { world, files, catalog, events, announce, begin, close, looks: () => looks };
}

const FOUND = { database: "shop", collection: "orders", uuid: "0".repeat(32), isCapped: false };
const FOUND_ONE = { ...FOUND, documents: 1 };

function announcerOf({ journal, clock }: LakeWorld, files: SnapshotFiles) {
  return announceSnapshots({ files, journal, clock, wish: { kind: "initial" } });
}

function statesOf({ states }: SnapshotCatalog): string[] {
  return states.map(({ state }) => state);
}

Deno.test("a snapshot is due until its stream has begun, and is planned then, once", async () => {
  const { catalog, events, announce, begin, files } = scene(1);
  await catalog.refresh(NEVER);
  assert.deepEqual(catalog.states, []);
  await announce();
  await catalog.refresh(NEVER);
  assert.deepEqual(catalog.states.map(({ state }) => state), ["due"]);
  assert.equal(catalog.ranges.size, 0);
  await begin();
  await catalog.refresh(NEVER);
  await catalog.refresh(NEVER);
  assert.deepEqual(catalog.states.map(({ state }) => state), ["running"]);
  assert.deepEqual([...catalog.ranges.keys()], [rangeKey(ID, 1, 1)]);
  assert.deepEqual(events.map(({ type }) => type), ["planned"]);
  const plan = await files.readPlan(ID);
  assert.deepEqual(plan?.ranges, [{
    pieces: [{ database: "shop", collection: "orders", uuid: FOUND.uuid }],
  }]);
});

Deno.test("of a divided collection all partitions must have begun, and the one that is furthest is the floor", async () => {
  const ends = new Map([["a", { t: 5, i: 1 }], ["b", { t: 6, i: 1 }], ["c", { t: 5, i: 2 }]]);
  const world = new LakeWorld();
  const known = new Set(["a", "b"]);
  const last: Journal["last"] = (key) => {
    const name = [...ends.keys()].find((each) => key === streamKey(partOf(each)));
    if (name === undefined) return world.journal.last(key);
    const to = positionAfterTime(ends.get(name)!);
    return Promise.resolve(known.has(name) ? { to } as JournalRecord : undefined);
  };
  const partOf = (collection: string) => ({ ...ORDERS, collection });
  const { catalog, files, announce } = scene(1, {
    journal: { ...world.journal, last },
    streamsOf: () => Promise.resolve([...ends.keys()].map(partOf)),
  });
  await announce();
  await catalog.refresh(NEVER);
  assert.equal(await files.readPlan(ID), undefined);
  known.add("c");
  await catalog.refresh(NEVER);
  assert.deepEqual((await files.readPlan(ID))?.floor, { t: 6, i: 1 });
});

Deno.test("four ranges run at once, and the snapshot is complete when all are closed", async () => {
  const { catalog, events, announce, begin, close, files } = scene(6);
  await announce();
  await begin();
  await catalog.refresh(NEVER);
  const keys = (...indexes: number[]) => indexes.map((index) => rangeKey(ID, index, 6));
  assert.deepEqual([...catalog.ranges.keys()], keys(1, 2, 3, 4));
  for (const index of [1, 3]) await close(index, 6);
  await catalog.refresh(NEVER);
  assert.deepEqual([...catalog.ranges.keys()], keys(2, 4, 5, 6));
  assert.deepEqual(catalog.states[0]!.ranges, { closed: 2, of: 6 });
  assert.equal(await files.readEnd(ID), undefined);
  for (const index of [2, 4, 5, 6]) await close(index, 6);
  await catalog.refresh(NEVER);
  assert.equal(catalog.ranges.size, 0);
  assert.equal(catalog.states[0]!.state, "complete");
  assert((await files.readEnd(ID)) !== undefined);
  await catalog.refresh(NEVER);
  assert.deepEqual(events.map(({ type }) => type), ["planned", "complete"]);
});

Deno.test("where no snapshots are wanted it is looked once a minute whether one is asked for", () => {
  return findsAsked(false);
});

Deno.test("where somebody says that a snapshot is asked for, it is looked at once", () => {
  return findsAsked(true);
});

async function findsAsked(isWoken: boolean): Promise<void> {
  const { world, catalog, files, begin, close, looks } = scene(1, { isWanted: () => false });
  await begin();
  await catalog.refresh(NEVER);
  await catalog.refresh(NEVER);
  assert.equal(looks(), 1);
  await files.putIntent({
    ...{ v: 1, id: ASKED, reason: "asked", stream: ORDERS, where: "{}", writtenAt: "now" },
  });
  await catalog.refresh(NEVER);
  assert.deepEqual(statesOf(catalog), []);
  assert.equal(catalog.hear(new Set(["collection.shop.orders"])), false, "a flush");
  const notes = new Set([snapshotKey(ASKED)]);
  if (isWoken) assert.deepEqual([catalog.hear(notes), catalog.hear(notes)], [true, false]);
  else await world.clock.advance(60_000);
  await catalog.refresh(NEVER);
  assert.deepEqual(statesOf(catalog), ["running"]);
  assert.equal(catalog.states[0]!.isFiltered, true);
  assert.equal(catalog.ranges.get(rangeKey(ASKED, 1, 1))!.plan.where, "{}");
  // What is under way is followed.
  await close(1, 1, "complete", ASKED);
  await catalog.refresh(NEVER);
  assert.deepEqual(statesOf(catalog), ["complete"]);
  assert.equal(looks(), 3);
  await catalog.refresh(NEVER);
  assert.equal(looks(), 3);
}

Deno.test("what was announced here is expected until it is planned, and looked for at once after quiet times", async () => {
  const { world, catalog, files, begin, announce, looks } = scene(1);
  await catalog.refresh(NEVER);
  await world.clock.advance(30_000);
  await catalog.refresh(NEVER);
  assert.equal(looks(), 2, "others may have begun something lately");
  await world.clock.advance(300_000);
  await catalog.refresh(NEVER);
  await world.clock.advance(30_000);
  await catalog.refresh(NEVER);
  assert.equal(looks(), 3, "once a minute is enough by now");
  await announce();
  catalog.announced((await files.readIntent(ID))!);
  assert.equal(catalog.isExpecting, true);
  await catalog.refresh(NEVER);
  assert.deepEqual([looks(), statesOf(catalog), catalog.isExpecting], [4, ["due"], true]);
  await begin();
  await catalog.refresh(NEVER);
  assert.deepEqual([statesOf(catalog), catalog.isExpecting], [["running"], false]);
});

Deno.test("what somebody has told of is looked for again where it could not be looked at", async () => {
  let isBroken = true;
  const survey = () =>
    isBroken ? Promise.reject(new Error("no answer")) : Promise.resolve([FOUND_ONE]);
  const choice = { documents: { survey } as never, isWanted: () => false };
  const { catalog, files, begin } = scene(1, choice);
  await begin();
  await catalog.refresh(NEVER);
  await files.putIntent({ v: 1, id: ASKED, reason: "asked", stream: ORDERS, writtenAt: "now" });
  catalog.hear(new Set([snapshotKey(ASKED)]));
  await assert.rejects(catalog.refresh(NEVER), /no answer/);
  isBroken = false;
  await catalog.refresh(NEVER);
  assert.deepEqual(statesOf(catalog), ["running"]);
});

Deno.test("snapshots of streams that are another pipeline's are left alone", async () => {
  const { catalog, announce, begin, files } = scene(1, { isOurs: () => Promise.resolve(false) });
  await announce();
  await begin();
  await catalog.refresh(NEVER);
  assert.deepEqual(catalog.states, []);
  assert.equal(await files.readPlan(ID), undefined);
});

Deno.test("what is cancelled before it is planned has no ranges, unless another plan was first", async () => {
  const { catalog, events, announce, begin, files } = scene(1);
  await announce();
  await begin();
  await files.putCancel({ v: 1, id: ID, writtenAt: "now" });
  await catalog.refresh(NEVER);
  assert.deepEqual(catalog.states.map(({ state }) => state), ["cancelled"]);
  assert.deepEqual((await files.readPlan(ID))!.ranges, []);
  assert.equal((await files.readEnd(ID))!.outcome, "cancelled");
  assert.deepEqual(events.map(({ type }) => type), ["cancelled"]);
});

Deno.test("all ranges of what is cancelled are closed, and the end says so", async () => {
  const { catalog, announce, begin, close, files } = scene(6);
  await announce();
  await begin();
  await catalog.refresh(NEVER);
  const [range] = [...catalog.ranges.values()];
  assert.equal(range!.cancelled!.aborted, false);
  await close(1, 6);
  await files.putCancel({ v: 1, id: ID, writtenAt: "now" });
  await catalog.refresh(NEVER);
  assert.equal(range!.cancelled!.aborted, true, "who reads it is told");
  assert.equal(catalog.states[0]!.state, "cancelling");
  // More than are read at once: they only close.
  assert.deepEqual([...catalog.ranges.values()].map(({ index }) => index), [2, 3, 4, 5, 6]);
  for (const index of [2, 3, 4, 5, 6]) await close(index, 6, RANGE_CANCELLED);
  await catalog.refresh(NEVER);
  assert.equal(catalog.states[0]!.state, "cancelled");
  assert.equal((await files.readEnd(ID))!.outcome, "cancelled");
});

Deno.test("a snapshot that was complete before anybody saw that it is cancelled stays complete", async () => {
  const { catalog, announce, begin, close, files } = scene(1);
  await announce();
  await begin();
  await catalog.refresh(NEVER);
  await close(1, 1);
  await files.putCancel({ v: 1, id: ID, writtenAt: "now" });
  await catalog.refresh(NEVER);
  assert.equal(catalog.states[0]!.state, "complete");
  assert.equal((await files.readEnd(ID))!.outcome, undefined);
});

Deno.test("a snapshot that cannot be planned keeps none of the others from going on", async () => {
  let isBroken = true;
  const survey = () =>
    isBroken ? Promise.reject(new Error("no answer")) : Promise.resolve([FOUND_ONE]);
  const { catalog, files, begin } = scene(1, { documents: { survey } as never });
  await begin();
  await files.putIntent({
    ...{ v: 1, id: ID, reason: "initial", stream: ORDERS, writtenAt: "now" },
  });
  await assert.rejects(catalog.refresh(NEVER), /no answer/);
  isBroken = false;
  await catalog.refresh(NEVER);
  isBroken = true;
  await files.putIntent({ v: 1, id: ASKED, reason: "asked", stream: ORDERS, writtenAt: "now" });
  await assert.rejects(catalog.refresh(NEVER), /no answer/);
  assert.deepEqual([...catalog.ranges.keys()], [rangeKey(ID, 1, 1)]);
  assert.deepEqual(catalog.states.map(({ id }) => id), [ID]);
});

Deno.test("behind a range that is closed here the next one runs without a look", async () => {
  const { catalog, announce, begin, close, looks } = scene(6);
  await announce();
  await begin();
  await catalog.refresh(NEVER);
  const indexes = () => [...catalog.ranges.values()].map(({ index }) => index);
  const before = looks();
  await close(2, 6);
  catalog.closed(rangeKey(ID, 2, 6));
  assert.deepEqual([indexes(), looks()], [[1, 3, 4, 5], before]);
  assert.deepEqual(catalog.states[0]!.ranges, { closed: 0, of: 6 }, "as of the last look");
  catalog.closed("snapshot.collection.shop.items.initial.1of1");
  await catalog.refresh(NEVER);
  assert.deepEqual(indexes(), [1, 3, 4, 5]);
  assert.deepEqual(catalog.states[0]!.ranges, { closed: 1, of: 6 });
});

Deno.test("what is closed stays so where its snapshot cannot be looked at", async () => {
  const { world, announce, begin, close, files } = scene(6);
  let isBroken = false;
  const last: Journal["last"] = (key, hint) =>
    isBroken && key === rangeKey(ID, 3, 6)
      ? Promise.reject(new Error("no answer"))
      : world.journal.last(key, hint);
  const { catalog } = scene(6, { files, journal: { ...world.journal, last } });
  await announce();
  await begin();
  await catalog.refresh(NEVER);
  await close(2, 6);
  catalog.closed(rangeKey(ID, 2, 6));
  const indexes = () => [...catalog.ranges.values()].map(({ index }) => index);
  isBroken = true;
  await assert.rejects(catalog.refresh(NEVER), /no answer/);
  assert.deepEqual(indexes(), [1, 3, 4, 5]);
  isBroken = false;
  await catalog.refresh(NEVER);
  assert.deepEqual(indexes(), [1, 3, 4, 5]);
});

Deno.test("what is closed is not looked at again, and nothing but what came since is looked for", async () => {
  const reads: string[] = [];
  const scened = scene(2);
  const { world, announce, begin, close, files } = scened;
  const catalog = scene(2, {
    files,
    journal: {
      ...world.journal,
      last: (key, hint) => (reads.push(`${key} ${hint}`), world.journal.last(key, hint)),
    },
  }).catalog;
  await announce();
  await begin();
  await close(1, 2);
  await catalog.refresh(NEVER);
  reads.length = 0;
  await catalog.refresh(NEVER);
  assert.deepEqual(reads, [`${rangeKey(ID, 2, 2)} undefined`]);
  await close(2, 2);
  await catalog.refresh(NEVER);
  assert.deepEqual(statesOf(catalog), ["complete"]);
});

Deno.test("a target that cannot be surveyed yet holds up no other", async () => {
  const held = Promise.withResolvers<void>();
  const surveyed: string[] = [];
  const survey = async ({ stream }: { stream: Stream }) => {
    surveyed.push(streamKey(stream));
    if (streamKey(stream) === streamKey(ORDERS)) await held.promise;
    return [FOUND_ONE];
  };
  const { catalog, files, begin } = scene(1, {
    documents: { survey } as never,
    streamsOf: () => Promise.resolve([ORDERS]),
  });
  await begin();
  const items = { ...ORDERS, collection: "other" };
  for (const stream of [ORDERS, items]) {
    await files.putIntent({
      ...{ v: 1, id: initialId(stream), reason: "initial", stream, writtenAt: "now" },
    });
  }
  const looking = catalog.refresh(NEVER);
  await eventually(() => surveyed.length === 2);
  held.resolve();
  await looking;
  assert.deepEqual(statesOf(catalog), ["running", "running"]);
});

Deno.test("a snapshot that another one covers ends at once, but not where somebody has planned it meanwhile", async () => {
  const id = "collection.shop.orders.onto-0-1";
  for (const rival of [false, true]) {
    const { world, files, catalog, announce, begin } = scene(1);
    await announce();
    await begin();
    await catalog.refresh(NEVER);
    const initial = (await files.readPlan(ID))!;
    const onto = { database: "shop", collection: "orders", at: { t: 0, i: 1 } };
    await announcerOf(world, files).renamed(ORDERS, onto, () => Promise.resolve(SERVER));
    const late = scene(1, {
      journal: world.journal,
      files: {
        ...files,
        async readEnd(of) {
          if (rival) await files.putPlan({ ...initial, id });
          return await files.readEnd(of);
        },
      },
    });
    await late.catalog.refresh(NEVER);
    assert.equal((await files.readPlan(id))?.ranges.length, rival ? 1 : 0);
    assert.equal((await files.readEnd(id)) === undefined, rival);
    assert.equal(late.catalog.ranges.has(rangeKey(id, 1, 1)), rival);
  }
});
