import assert from "node:assert/strict";
import { streamKey } from "../../../../src/model/stream.ts";
import { MemoryDestination } from "../../../../src/destination/memory_destination.ts";
import { createObjectSnapshots } from "../../../../src/journal/object_snapshots.ts";
import { announceSnapshots } from "../../../../src/pipeline/snapshot/announce.ts";
import { positionAfterTime } from "../../../../src/model/position.ts";
import type { JournalRecord } from "../../../../src/model/record.ts";
import type { NoSnapshot, SnapshotWish } from "../../../../src/model/snapshot_wish.ts";
import type { Stream } from "../../../../src/model/stream.ts";
import type { SnapshotFiles } from "../../../../src/pipeline/snapshots.ts";
import { ORDERS } from "../../../support/lake_world.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const FACTS = { identity: { setName: "rs0" }, operationTime: { t: 1, i: 1 }, version: "6.0.5" };
const JOURNAL = { read: () => Promise.resolve(undefined), streams: () => Promise.resolve([]) };
/** Where a stream would begin. */
const START = positionAfterTime(FACTS.operationTime);
const SERVER = () => Promise.resolve(FACTS);
const OLD = () => Promise.resolve({ ...FACTS, version: "5.0.31" });
const announcerOf = (files: SnapshotFiles, wish: SnapshotWish = { kind: "initial" }) =>
  announceSnapshots({ files, journal: JOURNAL, clock: new VirtualClock(), wish });

/** Whoever wants no snapshot has no question. */
const NOBODY = () => Promise.reject(new Error("the server was asked"));

Deno.test("a snapshot is announced once", async () => {
  const files = createObjectSnapshots(new MemoryDestination());
  const announcer = announcerOf(files);
  await announcer.initial(ORDERS, START, SERVER);
  await announcer.initial(ORDERS, START, SERVER);
  const ids = [...(await files.find()).keys()];
  assert.equal(ids.length, 1);
  assert.deepEqual((await files.readIntent(ids[0]!))?.stream, ORDERS);
});

Deno.test("where no snapshot can be taken, the stream does not begin, and its start stays open", async () => {
  const files = createObjectSnapshots(new MemoryDestination());
  const announcer = announcerOf(files);
  await assert.rejects(
    announcer.initial(ORDERS, START, OLD),
    /SNAPSHOT=initial: it needs MongoDB 6\.0.*is 5\.0\.31; set SNAPSHOT=off/,
  );
  const sharded = () => Promise.resolve({ ...FACTS, identity: { clusterId: "c" } });
  await assert.rejects(announcer.initial(ORDERS, START, sharded), /sharded clusters/);
  assert.equal((await files.find()).size, 0);
});

Deno.test("where something is lost a snapshot is announced by the number of the record that will say so", async () => {
  const files = createObjectSnapshots(new MemoryDestination());
  const announcer = announcerOf(files, { kind: "off" });
  await announcer.initial(ORDERS, START, NOBODY);
  assert.equal((await files.find()).size, 0, "nobody has asked for the documents of before");
  const partition = { epoch: 1, index: 2, of: 3 };
  const stream = {
    level: "collection",
    database: "shop",
    collection: "orders",
    partition,
  } as const;
  await announcer.lost(stream, 7, SERVER);
  const intent = await files.readIntent("collection.shop.orders.gap-1-2-3-7");
  assert.deepEqual(intent?.stream, ORDERS, "all of the collection is read");
  assert.deepEqual(intent?.lost, { stream: "collection.shop.orders.e1.2of3", seq: 7 });
  await assert.rejects(
    announcer.lost(ORDERS, 8, OLD),
    /ON_HISTORY_LOST=snapshot: it needs MongoDB 6\.0.*set ON_HISTORY_LOST=restart/,
  );
});

Deno.test("a collection that another one was renamed onto is announced once, where snapshots are wanted and can be taken", async () => {
  const files = createObjectSnapshots(new MemoryDestination());
  const onto = { database: "shop", collection: "orders", at: { t: 5, i: 2 } };
  await announcerOf(files, { kind: "off" }).renamed(ORDERS, onto, NOBODY);
  const announcer = announcerOf(files);
  await announcer.renamed(ORDERS, onto, OLD);
  assert.equal((await files.find()).size, 0);
  await announcer.renamed(ORDERS, onto, SERVER);
  await announcer.renamed(ORDERS, onto, SERVER);
  assert.deepEqual([...(await files.find()).keys()], ["collection.shop.orders.onto-5-2"]);
  const intent = await files.readIntent("collection.shop.orders.onto-5-2");
  assert.deepEqual(intent?.onto, onto);
});

Deno.test("what nobody has asked for is read where it can be; else the target begins, and one line says why", async () => {
  for (const [server, expected] of [[SERVER, 1], [OLD, 0]] as const) {
    const files = createObjectSnapshots(new MemoryDestination());
    const announced: string[] = [];
    const withheld: NoSnapshot[] = [];
    const announcer = announceSnapshots({
      ...{ files, journal: JOURNAL, clock: new VirtualClock(), wish: { kind: "where-possible" } },
      announced: ({ id }) => void announced.push(id),
      withheld: (why) => void withheld.push(why),
    });
    for (const collection of ["orders", "items"]) {
      await announcer.initial({ ...ORDERS, collection } as typeof ORDERS, START, server);
    }
    assert.equal((await files.find()).size, 2 * expected);
    assert.equal(announced.length, 2 * expected);
    assert.deepEqual(
      withheld.map(({ reason }) => reason),
      expected === 1 ? [] : ["it needs MongoDB 6.0 or later, and the server is 5.0.31"],
    );
  }
});

Deno.test("what other settings speak against is told once, and the server is not asked", async () => {
  const files = createObjectSnapshots(new MemoryDestination());
  const why = { reason: "START_FROM=earliest", change: "set SNAPSHOT=initial" };
  const withheld: NoSnapshot[] = [];
  const announcer = announceSnapshots({
    ...{ files, journal: JOURNAL, clock: new VirtualClock(), wish: { kind: "off", why } },
    withheld: (each) => void withheld.push(each),
  });
  await announcer.initial(ORDERS, START, NOBODY);
  await announcer.initial(ORDERS, START, NOBODY);
  assert.deepEqual(withheld, [why]);
  assert.equal((await files.find()).size, 0);
});

Deno.test("of what was begun without a snapshot nothing is read by itself when another collection is renamed onto it", async () => {
  const files = createObjectSnapshots(new MemoryDestination());
  const onto = { database: "shop", collection: "orders", at: { t: 5, i: 2 } };
  const announcer = announcerOf(files, { kind: "where-possible" });
  await announcer.renamed(ORDERS, onto, SERVER);
  assert.equal((await files.find()).size, 0);
  await announcer.initial(ORDERS, START, SERVER);
  await announcer.renamed(ORDERS, onto, SERVER);
  assert.equal((await files.find()).size, 2);
});

Deno.test("a wider target that follows others reads the rest, a narrower one what was not read to its end", async () => {
  const files = createObjectSnapshots(new MemoryDestination());
  const shop: Stream = { level: "database", database: "shop" };
  const announcer = announcerOf(files);
  await announcer.initial(ORDERS, START, SERVER, [shop]);
  assert.deepEqual([...(await files.find()).keys()], []);
  await announcer.initial(shop, START, SERVER, [ORDERS]);
  assert.deepEqual([...(await files.find()).keys()], ["database.shop.rest"]);
  await announcer.initial(ORDERS, START, SERVER, [shop]);
  assert((await files.find()).has("collection.shop.orders.initial"), "the rest was not read");
});

Deno.test("what follows a target with a snapshot has one of each collection that is renamed onto another", async () => {
  const onto = { database: "shop", collection: "orders", at: { t: 5, i: 1 } };
  for (const id of ["database.shop.initial", "collection.shop.orders.rest", "other.initial"]) {
    const files = createObjectSnapshots(new MemoryDestination());
    await files.putIntent({ v: 1, id, reason: "initial", stream: ORDERS, writtenAt: "" });
    await announcerOf(files, { kind: "where-possible" }).renamed(ORDERS, onto, SERVER);
    assert.equal((await files.find()).size, id === "other.initial" ? 1 : 2, id);
  }
});
Deno.test("of what is empty where it starts no snapshot is announced, and it is asked about once", async () => {
  const files = createObjectSnapshots(new MemoryDestination());
  const asked: unknown[] = [];
  const announcer = announceSnapshots({
    ...{ files, journal: JOURNAL, clock: new VirtualClock(), wish: { kind: "where-possible" } },
    isNothingThere: (stream, start) => {
      asked.push([stream, start]);
      return Promise.resolve(start === START);
    },
  });
  await announcer.initial(ORDERS, START, SERVER);
  assert.equal((await files.find()).size, 0);
  assert.equal(await announcer.wasEmpty(ORDERS, START, SERVER), true);
  assert.deepEqual(asked, [[ORDERS, START]]);
  const later = positionAfterTime({ t: 2, i: 1 });
  assert.equal(await announcer.wasEmpty(ORDERS, later, SERVER), false, "that is another start");
  await announcer.initial(ORDERS, later, SERVER);
  assert.deepEqual([...(await files.find()).keys()], ["collection.shop.orders.initial"]);
});

Deno.test("where no snapshots are taken nobody asks whether anything is there", async () => {
  const files = createObjectSnapshots(new MemoryDestination());
  const wishes = [[{ kind: "off" }, NOBODY], [{ kind: "where-possible" }, OLD]] as const;
  for (const [wish, server] of wishes) {
    const announcer = announceSnapshots({
      ...{ files, journal: JOURNAL, clock: new VirtualClock(), wish },
      isNothingThere: () => Promise.reject(new Error("the server was asked")),
    });
    await announcer.initial(ORDERS, START, server);
    assert.equal(await announcer.wasEmpty(ORDERS, START, server), false);
  }
});

Deno.test("what began empty is read when another collection is renamed onto it, though nobody has asked", async () => {
  const files = createObjectSnapshots(new MemoryDestination());
  const onto = { database: "shop", collection: "orders", at: { t: 5, i: 2 } };
  const announcer = announceSnapshots({
    ...{ files, clock: new VirtualClock(), wish: { kind: "where-possible" } },
    journal: {
      ...JOURNAL,
      read: (key) => {
        const isOrders = key === "collection.shop.orders";
        const first = { kind: "genesis", ...(isOrders ? { wasEmpty: true } : {}) };
        return Promise.resolve(first as unknown as JournalRecord);
      },
    },
  });
  await announcer.renamed({ level: "database", database: "shop" }, onto, SERVER);
  assert.equal((await files.find()).size, 0);
  await announcer.renamed(ORDERS, onto, SERVER);
  assert.deepEqual([...(await files.find()).keys()], ["collection.shop.orders.onto-5-2"]);
});

Deno.test("so is what patterns have found later", async () => {
  const files = createObjectSnapshots(new MemoryDestination());
  const onto = { database: "shop", collection: "orders", at: { t: 5, i: 2 } };
  const asked: string[] = [];
  const announcer = announceSnapshots({
    ...{ files, journal: JOURNAL, clock: new VirtualClock(), wish: { kind: "where-possible" } },
    cameLater: (target) => Promise.resolve(asked.push(streamKey(target)) === 2),
  });
  await announcer.renamed(ORDERS, onto, SERVER);
  assert.equal((await files.find()).size, 0);
  const partition = { ...ORDERS, partition: { epoch: 1, of: 2, index: 0 } };
  await announcer.renamed(partition, onto, SERVER);
  assert.deepEqual([...(await files.find()).keys()], ["collection.shop.orders.onto-5-2"]);
  assert.deepEqual(asked, ["collection.shop.orders", "collection.shop.orders"]);
});
