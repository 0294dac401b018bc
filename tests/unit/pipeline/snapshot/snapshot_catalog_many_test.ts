import assert from "node:assert/strict";
import { createObjectSnapshots } from "../../../../src/journal/object_snapshots.ts";
import { positionAfterTime } from "../../../../src/model/position.ts";
import type { JournalRecord } from "../../../../src/model/record.ts";
import { initialId, rangeKey } from "../../../../src/model/snapshot.ts";
import { type Stream, targetKey } from "../../../../src/model/stream.ts";
import { announceSnapshots } from "../../../../src/pipeline/snapshot/announce.ts";
import {
  SnapshotCatalog,
  type SnapshotCatalogOptions,
} from "../../../../src/pipeline/snapshot/snapshot_catalog.ts";
import { LakeWorld, SETTINGS } from "../../../support/lake_world.ts";

const SERVER = { identity: { setName: "rs0" }, operationTime: { t: 1, i: 1 }, version: "6.0.5" };
const START = positionAfterTime(SERVER.operationTime);
const NEVER = new AbortController().signal;
const FOUND = {
  ...{ database: "shop", collection: "orders", uuid: "0".repeat(32) },
  ...{ isCapped: false, documents: 1 },
};

/** So many snapshots that are due, and a journal that tells which ranges it is asked for. */
async function scene(
  count: number,
  isOurs: SnapshotCatalogOptions["isOurs"] = () => Promise.resolve(true),
) {
  const world = new LakeWorld();
  const asked: string[] = [];
  const closed = new Set<string>();
  const last = (key: string): Promise<JournalRecord | undefined> => {
    if (!key.startsWith("snapshot.")) {
      return Promise.resolve({ to: positionAfterTime({ t: 5, i: 1 }) } as JournalRecord);
    }
    asked.push(key);
    const record = { kind: "closed", seq: 1, reason: "complete" } as JournalRecord;
    return Promise.resolve(closed.has(key) ? record : undefined);
  };
  const names = Array.from({ length: count }, (_, i) => `c${100 + i}`);
  const keys = names.map((name) => rangeKey(`collection.shop.${name}.initial`, 1, 1));
  const files = createObjectSnapshots(world.destination);
  const told = { complete: 0, planned: 0 };
  const catalog = new SnapshotCatalog({
    ...{ journal: { ...world.journal, last }, clock: world.clock, files, rangeDocumentsMax: 1 },
    streamsOf: (target) => Promise.resolve([target]),
    documents: { survey: () => Promise.resolve([FOUND]) } as never,
    settings: () => SETTINGS,
    ...{ isWanted: () => true, isOurs, rangesMax: 4 },
    observe: ({ type }) => void (type === "complete" || type === "planned" ? told[type]++ : 0),
  });
  const { clock, journal } = world;
  const announcer = announceSnapshots({ files, clock, journal, wish: { kind: "initial" } });
  for (const collection of names) {
    const stream = { level: "collection", database: "shop", collection } as const;
    await announcer.initial(stream, START, () => Promise.resolve(SERVER));
  }
  const look = async () => {
    asked.length = 0;
    await catalog.refresh(NEVER);
    return asked.sort();
  };
  return { world, catalog, files, keys, closed, told, look };
}

Deno.test("of many snapshots a look asks for those that are read now, and for those that were closed", async () => {
  const { world, catalog, files, keys, closed, told, look } = await scene(60);
  await look();
  assert.deepEqual([...catalog.ranges.keys()], keys.slice(0, 4));
  assert.deepEqual(await look(), keys.slice(0, 8));
  closed.add(keys[2]!);
  catalog.closed(keys[2]!);
  assert.deepEqual(await look(), keys.slice(0, 9));
  // Others have gone on meanwhile.
  for (const key of keys.slice(0, 30)) closed.add(key);
  assert.deepEqual(await look(), keys.filter((_, i) => i !== 2 && i < 41));
  assert.deepEqual([...catalog.ranges.keys()], keys.slice(30, 34));
  assert.equal(told.complete, 30);
  await files.putCancel({ v: 1, id: "collection.shop.c159.initial", writtenAt: "now" });
  assert((await look()).includes(keys[59]!));
  await world.clock.advance(300_000);
  assert.equal((await look()).length, 30, "all that are open, now and then");
});

Deno.test("what is planned is read before all is planned, and the next look plans on", async () => {
  const { catalog, keys, told, look } = await scene(150);
  await look();
  assert.deepEqual([told.planned, catalog.hasMore], [64, true]);
  assert.deepEqual([...catalog.ranges.keys()], keys.slice(0, 4));
  await look();
  assert.deepEqual([told.planned, catalog.hasMore], [128, true]);
  await look();
  assert.deepEqual([told.planned, catalog.hasMore], [150, false]);
});

Deno.test("what is another pipeline's by now is not due here while others are planned first", async () => {
  const stream = { level: "collection", database: "shop", collection: "others" } as const;
  const isOurs = (each: Stream) => Promise.resolve(targetKey(each) !== targetKey(stream));
  const { catalog, files, look } = await scene(64, isOurs);
  const intent = {
    v: 1,
    id: initialId(stream),
    reason: "initial",
    stream,
    writtenAt: "now",
  } as const;
  catalog.announced(await files.putIntent(intent));
  await look();
  assert.equal(catalog.hasMore, true);
  assert.deepEqual(catalog.states.filter(({ state }) => state === "due"), []);
});
