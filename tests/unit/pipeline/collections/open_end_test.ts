import assert from "node:assert/strict";
import { createObjectLayouts } from "../../../../src/journal/object_layouts.ts";
import type { CollectionStream } from "../../../../src/model/layout.ts";
import { type Position, positionAt } from "../../../../src/model/position.ts";
import type { JournalRecord } from "../../../../src/model/record.ts";
import type { StreamSettings } from "../../../../src/model/settings.ts";
import { streamKey } from "../../../../src/model/stream.ts";
import { LayoutNews } from "../../../../src/pipeline/layout/layout_watch.ts";
import {
  endsAtDrop,
  hasPassed,
  haveStreamsPassed,
} from "../../../../src/pipeline/collections/open_end.ts";
import { createObjectSink } from "../../../../src/sink/object_sink.ts";
import { highWaterToken } from "../../../../src/source/memory/memory_token.ts";
import { LakeWorld, ORDERS, SETTINGS } from "../../../support/lake_world.ts";

const COLLECTION = ORDERS as CollectionStream;
const at = (t: number, more: Partial<Position> = {}): Position => ({
  ...positionAt({ t, i: 1 }),
  ...more,
});
const record = (kind: string, to: Position, seq = 0) =>
  ({
    v: 1,
    seq,
    kind,
    to,
    from: to,
    id: "x",
    owner: "o",
    generation: 1,
  }) as unknown as JournalRecord;

Deno.test("hasPassed takes a later time, the end of a stream at that time, or a closed journal", () => {
  const time = { t: 100, i: 1 };
  assert.equal(hasPassed(record("batch", at(99)), time), false);
  assert.equal(hasPassed(record("batch", at(100, { data: "82AA" })), time), false);
  assert.equal(
    hasPassed(record("reopened", at(100, { data: "82AA", invalidate: true })), time),
    true,
  );
  assert.equal(hasPassed(record("heartbeat", at(101)), time), true);
  assert.equal(hasPassed(record("closed", at(50)), time), true);
});

Deno.test("haveStreamsPassed waits for each partition of the layout in force", async () => {
  const world = new LakeWorld();
  const layouts = createObjectLayouts(world.destination);
  const layoutNews = new LayoutNews(layouts, world.clock);
  const last = new Map<string, JournalRecord>();
  const journal = {
    ...world.journal,
    last: (key: string) => Promise.resolve(last.get(key)),
    read: (key: string) => Promise.resolve(last.get(key)),
  };
  const parts = { journal, layouts, layoutNews, sink: createObjectSink(world.destination) };
  const passed = () => haveStreamsPassed(parts, COLLECTION, { t: 100, i: 1 }, new Map());
  assert.equal(await passed(), false, "nothing has begun");
  last.set(streamKey(COLLECTION), record("closed", at(50)));
  await layouts.put(streamKey(COLLECTION), { epoch: 1, of: 2, barrier: at(50) });
  await layoutNews.look();
  const [one, two] = [1, 2].map((index) =>
    streamKey({ ...COLLECTION, partition: { epoch: 1, index, of: 2 } })
  ) as [string, string];
  last.set(one, record("heartbeat", at(101)));
  assert.equal(await passed(), false);
  last.set(two, record("heartbeat", at(99)));
  assert.equal(await passed(), false);
  last.set(two, record("heartbeat", at(101), 1));
  assert.equal(await passed(), true);
});

Deno.test("endsAtDrop looks past what only says that time has passed", async () => {
  const records = ["genesis", "batch", "reopened", "heartbeat", "settings", "batch"]
    .map((kind, seq) => record(kind, at(100 + seq), seq));
  const journal = {
    ...new LakeWorld().journal,
    read: (_: string, seq: number) => Promise.resolve(records[seq]),
  };
  const { destination, clock } = new LakeWorld();
  const layouts = createObjectLayouts(destination);
  const sink = createObjectSink(destination);
  const parts = { journal, sink, layouts, layoutNews: new LayoutNews(layouts, clock) };
  const ends = await Promise.all(records.map((each) => endsAtDrop(parts, "key", each)));
  assert.deepEqual(ends, [false, false, true, true, true, false]);
});

Deno.test("endsAtDrop takes a batch that ends with a drop where a collection is read by namespace", async () => {
  const world = new LakeWorld();
  world.insert(1);
  world.oplog.append({ operation: "drop", database: "shop", collection: "orders" });
  const layouts = createObjectLayouts(world.destination);
  const ends = (reading: Partial<StreamSettings>, data: string) => {
    const rest = { settingsSeq: 0, durableThrough: 2 };
    const records = [
      { ...record("genesis", at(1)), settings: { ...SETTINGS, ...reading } },
      { ...record("batch", at(2, { data }), 1), ...rest },
      { ...record("heartbeat", at(3), 2), ...rest },
    ] as JournalRecord[];
    const read = (_: string, seq: number) => Promise.resolve(records[seq]);
    const layoutNews = new LayoutNews(layouts, world.clock);
    const sink = createObjectSink(world.destination);
    const parts = { journal: { ...world.journal, read }, sink, layouts, layoutNews };
    return endsAtDrop(parts, "key", records[2]!);
  };
  const [insert, drop] = world.oplog.entries.map(({ data }) => data) as [string, string];
  assert.equal(await ends({ reading: "namespace" }, drop), true);
  assert.equal(await ends({ reading: "namespace" }, `${insert.slice(0, -2)}46645F6964`), false);
  assert.equal(await ends({}, drop), false);
});

Deno.test("haveStreamsPassed asks for the objects that are not known to be there", async () => {
  const world = new LakeWorld();
  world.insert(3);
  world.oplog.append({ operation: "drop", database: "shop", collection: "orders" });
  const time = world.oplog.operationTime;
  await world.instance().runToEnd();
  const layouts = createObjectLayouts(world.destination);
  const parts = {
    journal: world.journal,
    layouts,
    layoutNews: new LayoutNews(layouts, world.clock),
    sink: createObjectSink(world.destination),
  };
  const passed = (store: LakeWorld["destination"]) =>
    haveStreamsPassed({ ...parts, sink: createObjectSink(store) }, COLLECTION, time, new Map());
  const [genesis, ...others] = await world.records();
  const forgetful = others.map((each) => ({ ...each, durableThrough: 0 }));
  parts.journal = {
    ...world.journal,
    last: () => Promise.resolve(forgetful.at(-1)),
    read: (_: string, seq: number) => Promise.resolve([genesis, ...forgetful][seq]),
  };
  assert.equal(await passed(world.destination), true);
  const empty = new LakeWorld().destination;
  assert.equal(await passed(empty), false);
});

Deno.test("haveStreamsPassed takes the drop itself for the end where no invalidate follows it", async () => {
  const world = new LakeWorld();
  world.oplog.append({ operation: "drop", database: "shop", collection: "orders" });
  const { time, data } = world.oplog.entries[0]!;
  const layouts = createObjectLayouts(world.destination);
  const passed = (reading: Partial<StreamSettings>, to: Position) => {
    const last = { ...record("heartbeat", to, 1), settingsSeq: 0, durableThrough: 1 };
    const genesis = { ...record("genesis", at(1)), settings: { ...SETTINGS, ...reading } };
    const journal = {
      ...world.journal,
      last: () => Promise.resolve(last),
      read: () => Promise.resolve(genesis as JournalRecord),
    };
    const layoutNews = new LayoutNews(layouts, world.clock);
    const parts = { journal, layouts, layoutNews, sink: createObjectSink(world.destination) };
    return haveStreamsPassed(parts, COLLECTION, time, new Map());
  };
  const atDrop = { operationTime: time, data };
  assert.equal(await passed({ reading: "namespace" }, atDrop), true);
  assert.equal(await passed({}, atDrop), false);
  // A mark of that time lies before the drop.
  const before = { operationTime: time, data: highWaterToken(time) };
  assert.equal(await passed({ reading: "namespace" }, before), false);
});
