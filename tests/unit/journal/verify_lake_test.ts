import assert from "node:assert/strict";
import { type LakeChoice, verifyLake } from "../../../src/journal/verify_lake.ts";
import type { VerifyOptions } from "../../../src/journal/verify_options.ts";
import { type Stream, streamKey } from "../../../src/model/stream.ts";
import type { StreamState } from "../../../src/pipeline/stages.ts";
import { ChangedLake, recordFile } from "../../support/changed_lake.ts";
import { LakeWorld } from "../../support/lake_world.ts";

const COLLECTIONS = ["orders", "items", "customers"];
const KEYS = COLLECTIONS.map((collection) =>
  streamKey({ level: "collection", database: "shop", collection })
);
const [ORDERS, ITEMS] = KEYS as [string, string];

Deno.test("verifyLake verifies every stream and tells of them in the order of their keys", async () => {
  const { lake } = await filledLake();
  const told: string[] = [];
  const verified = ({ stream }: { stream: string }) => told.push(stream);
  const report = await verifyLake(lake.options(), {}, { verified });
  assert.deepEqual(told, [...KEYS].sort());
  assert.deepEqual(report.streams.map(({ stream }) => stream), told);
  assert.deepEqual(report.streams.map(({ rows }) => rows), [5, 5, 5]);
  const { orphans, orphansFound, foreignFound, lost, notes } = report;
  assert.deepEqual([orphans, orphansFound, foreignFound, lost, notes], [[], 0, 0, [], []]);
});

Deno.test("verifyLake verifies the stream that is asked for, and counts the others", async () => {
  const { lake } = await filledLake();
  const { streams, streamsInLake } = await verify(lake, { stream: "shop.items" });
  assert.deepEqual(streams.map(({ stream }) => stream), [ITEMS]);
  assert.equal(streamsInLake, 3);
  const none = await verify(lake, { stream: "shop.nothing" });
  assert.deepEqual([none.streams, none.streamsInLake, none.orphansFound], [[], 3, 0]);
});

Deno.test("verifyLake tells of each orphan, and says what it means for the journal", async () => {
  const { lake } = await filledLake();
  const key = objectsOf(lake, ORDERS)[0]!;
  lake.put(key.replace("-1-0.", "-1-9."), lake.get(key));
  const told: string[] = [];
  const report = await verifyLake(lake.options(), {}, { orphan: (each) => told.push(each.key) });
  assert.deepEqual(told, [key.replace("-1-0.", "-1-9.")]);
  assert.deepEqual([report.orphansFound, report.foreignFound, report.lost], [1, 0, []]);
});

Deno.test("verifyLake names a journal that was cut behind the objects, and one that is missing", async () => {
  const { lake } = await filledLake();
  for (const seq of [2, 3]) lake.remove(recordFile(ORDERS, seq));
  for (const seq of [0, 1, 2, 3]) lake.remove(recordFile(ITEMS, seq));
  const { lost, orphansFound, foreignFound } = await verify(lake);
  assert.deepEqual(lost.map(({ stream }) => stream).sort(), [ITEMS, ORDERS]);
  const cut = lost.find(({ stream }) => stream === ORDERS)!.what;
  assert.match(
    cut,
    /^the journal ends at record 1, and an object of record 2 is there; restore the /,
  );
  assert.match(
    cut,
    /`tributary verify --orphans` prints: the next run reads again from the end of record 1$/,
  );
  const gone = lost.find(({ stream }) => stream === ITEMS)!.what;
  assert.match(
    gone,
    /^the journal is missing, and 2 objects of records 1 to 2 are there; restore _trib/,
  );
  assert.deepEqual([orphansFound, foreignFound], [3, 2]);
});

Deno.test("verifyLake names what the state store knows and the journal does not", async () => {
  const { lake, states } = await filledLake();
  assert.deepEqual((await verify(lake, { states })).lost, []);
  for (const seq of [2, 3]) lake.remove(recordFile(ORDERS, seq));
  lake.remove(objectsOf(lake, ORDERS)[1]!);
  for (const seq of [0, 1, 2, 3]) lake.remove(recordFile(ITEMS, seq));
  for (const key of objectsOf(lake, ITEMS)) lake.remove(key);
  const { lost } = await verify(lake, { states });
  const what = new Map(lost.map((each) => [each.stream, each.what]));
  assert.match(
    what.get(ORDERS)!,
    /^the journal ends at record 1, at \S+Z \(\d+\.\d+\), but the state store knows record 3, /,
  );
  assert.match(what.get(ITEMS)!, /^the journal is missing: the state store knows record 3, /);
  const one = await verify(lake, { states, stream: "shop.items" });
  assert.deepEqual(one.lost.map(({ stream }) => stream), [ITEMS]);
});

Deno.test("verifyLake takes a state of another lake for none, and says so", async () => {
  const { lake, states } = await filledLake();
  const known = await states();
  const other = (change: Partial<StreamState>) => () =>
    Promise.resolve(new Map([[ORDERS, { ...known.get(ORDERS)!, ...change }]]));
  const later = { operationTime: { t: 4_000_000_000, i: 1 }, data: "" };
  for (const change of [{ position: later }, { lake: "00000000", seq: 70, position: later }]) {
    const { lost, notes } = await verify(lake, { states: other(change) });
    assert.deepEqual(lost, []);
    assert.match(
      notes[0]!,
      /^The state store knows another collection:shop\.orders, so it was not compared: /,
    );
  }
});

Deno.test("verifyLake goes on without a state store that fails", async () => {
  const { lake } = await filledLake();
  const { lost, notes, streams } = await verify(lake, {
    states: () => Promise.reject(new Error("down")),
  });
  assert.deepEqual([lost, notes], [[], ["The state store was not compared: down"]]);
  assert.equal(streams.length, 3);
});

Deno.test("verifyLake asks a journal again, so that a writer at work makes no orphans", async () => {
  const { lake } = await filledLake();
  const record = lake.remove(recordFile(ORDERS, 3));
  const whole = lake.remove(recordFile(ORDERS, 2));
  const begun = [0, 1, 2, 3].map((seq) => lake.remove(recordFile(ITEMS, seq)));
  lake.beforeList = () => {
    lake.put(recordFile(ORDERS, 2), whole);
    lake.put(recordFile(ORDERS, 3), record);
    begun.forEach((bytes, seq) => lake.put(recordFile(ITEMS, seq), bytes));
  };
  const { orphansFound, lost } = await verify(lake);
  assert.deepEqual([orphansFound, lost], [0, []]);
});

Deno.test("verifyLake lists the folder of the stream that is asked for, whatever its keys were before", async () => {
  const { lake } = await filledLake();
  const prefixes: string[] = [];
  const options = lake.options();
  const destination: VerifyOptions["destination"] = {
    ...options.destination,
    list: (prefix, how) => (prefixes.push(prefix), options.destination.list(prefix, how)),
  };
  const orphan = "db=shop/coll=orders/2099-01-01/collection.shop.orders-00000000-1-0.jsonl";
  lake.put(orphan, "x");
  const report = await verifyLake({ ...options, destination }, { stream: "shop.orders" }, {});
  assert(prefixes.includes("db=shop/coll=orders/") && !prefixes.includes(""), `${prefixes}`);
  assert.deepEqual(report.orphans.map(({ key }) => key), [orphan]);
});

Deno.test("verifyLake judges the objects of those records only that reach past `since`", async () => {
  const { lake } = await filledLake();
  const key = objectsOf(lake, ORDERS)[0]!;
  lake.put(key.replace("-1-0.", "-1-9."), "x");
  const { orphansFound } = await verify(lake, {}, { sinceSeconds: 4_000_000_000 });
  assert.equal(orphansFound, 0);
});

function verify(lake: ChangedLake, choice: LakeChoice = {}, more: Partial<VerifyOptions> = {}) {
  return verifyLake(lake.options(more), choice, {});
}

function objectsOf(lake: ChangedLake, stream: string): string[] {
  return lake.objects.filter((key) => key.includes(`/${stream}-`));
}

async function filledLake() {
  const world = new LakeWorld();
  const streams = COLLECTIONS.map((collection): Stream => {
    world.insert(5, collection);
    return { level: "collection", database: "shop", collection };
  });
  for (const stream of streams) await world.instance({ stream }).runToEnd();
  return { lake: await ChangedLake.of(world), states: () => world.state.list() };
}
