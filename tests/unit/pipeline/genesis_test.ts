import assert from "node:assert/strict";
import { FencedError, PermanentError, TransientError } from "../../../src/model/errors.ts";
import type { GenesisRecord } from "../../../src/model/record.ts";
import { positionAt } from "../../../src/model/position.ts";
import { type Stream, streamKey } from "../../../src/model/stream.ts";
import { settleOverlap, writeGenesis } from "../../../src/pipeline/genesis.ts";
import {
  type Instance,
  LakeWorld,
  OPLOG_SECONDS_FIRST,
  ORDERS,
  SETTINGS,
} from "../../support/lake_world.ts";
import { atCall } from "../../support/outside.ts";

const SHOP: Stream = { level: "database", database: "shop" };

Deno.test("writeGenesis says what is watched, from where, with which settings", async () => {
  const world = new LakeWorld();
  world.insert(3);
  const record = await begin(world.instance());
  const { id, lake, writtenAt, ...rest } = record;
  assert.match(id, /^[0-9a-f-]{36}$/);
  assert.match(lake, /^[0-9a-f]{8}$/);
  assert.equal(writtenAt, "2026-11-21T00:00:00.000Z");
  const start = positionAt({ t: OPLOG_SECONDS_FIRST, i: 1 });
  assert.deepEqual(rest, {
    v: 1,
    kind: "genesis",
    seq: 0,
    from: start,
    to: start,
    owner: "instance-1",
    generation: 1,
    settingsSeq: 0,
    durableThrough: 0,
    stream: ORDERS,
    source: { setName: "memory" },
    settings: SETTINGS,
  });
  assert.deepEqual(await world.journal.readStart("collection.shop.orders"), start);
});

Deno.test("writeGenesis fixes the start once, also if it has to be written again", async () => {
  const world = new LakeWorld();
  const one = world.instance({ options: { startFrom: { kind: "now" } } });
  const error = new TransientError("503");
  const isRecord = (key: unknown) => String(key).startsWith("_tributary/streams/");
  one.outside.plan = ({ method, args }) =>
    method === "putIfAbsent" && isRecord(args[0])
      ? { kind: "error", when: "before", error }
      : undefined;
  await assert.rejects(begin(one), error);
  const start = await world.journal.readStart("collection.shop.orders");
  world.pass(100);
  const record = await begin(world.instance({ options: { startFrom: { kind: "now" } } }));
  assert.deepEqual(record.from, start);
});

Deno.test("writeGenesis gives way to a journal begun in the meantime", async () => {
  const world = new LakeWorld();
  const one = world.instance();
  const other = Promise.withResolvers<void>();
  const isPut = ({ method }: { method: string }) => method === "putIfAbsent";
  one.outside.plan = atCall(1, { kind: "held", when: "before", until: other.promise }, isPut);
  const late = writeGenesis(one.context, one.lease);
  await world.clock.settle();
  await begin(world.instance());
  other.resolve();
  await assert.rejects(world.clock.finish(late), FencedError);
});

Deno.test("writeGenesis finds old objects by the file name, wherever its settings put them", async () => {
  const file = "collection.shop.orders-0a1b2c3d-7-0.jsonl";
  const places = [
    ["db=shop/coll=orders/2020-01-01/00/", SETTINGS.keyRule.template],
    ["", ""],
    ["shop/orders/", "{db}/{coll}/"],
    ["2026/11/shop/", "{yyyy}/{MM}/{db}/"],
  ] as const;
  for (const [folder, template] of places) {
    const world = new LakeWorld();
    for (let i = 0; i < 2100; i++) {
      const other = `${folder}aaa${String(i).padStart(5, "0")}.jsonl`;
      await world.destination.putIfAbsent(other, new Uint8Array(1));
    }
    await world.destination.putIfAbsent(folder + file, new Uint8Array(1));
    const settings = { keyRule: { template, bucket: "none" as const } };
    await assert.rejects(
      begin(world.instance({ settings })),
      (e) => e instanceof PermanentError && e.message.includes(`such as "${folder}${file}"`),
    );
  }
});

Deno.test("writeGenesis finds old objects in folders that readers passed over, as they were made before", async () => {
  const stream = { level: "collection", database: "shop", collection: "_lead" } as const;
  const file = "collection.shop._lead-0a1b2c3d-7-0.jsonl";
  for (const folder of ["shop/_lead/", "shop/%5Flead/"]) {
    const world = new LakeWorld();
    await world.destination.putIfAbsent(folder + file, new Uint8Array(1));
    const settings = { keyRule: { template: "{db}/{coll}/", bucket: "none" as const } };
    await assert.rejects(
      begin(world.instance({ stream, settings })),
      (e) => e instanceof PermanentError && e.message.includes(`such as "${folder}${file}"`),
    );
  }
});

Deno.test("writeGenesis finds old objects in folders that follow from names of files", async () => {
  const world = new LakeWorld();
  const key = "h=9c/shop/orders/collection.shop.orders-0a1b2c3d-7-0.jsonl";
  await world.destination.putIfAbsent(key, new Uint8Array(1));
  const settings = { keyRule: { template: "h={hash}/{db}/{coll}/", bucket: "none" as const } };
  await assert.rejects(
    begin(world.instance({ settings })),
    /objects of it are there, such as "h=9c/,
  );
});

Deno.test("writeGenesis does not take the objects of another stream for its own", async () => {
  const world = new LakeWorld();
  const others = [
    "collection.shop.orders2-0a1b2c3d-7-0.jsonl",
    "collection.shop.orders-0a1b2c3d-1-2.e1.1of2-0a1b2c3d-7-0.jsonl",
    "collection.shop.orders.e1.1of2-0a1b2c3d-7-0.jsonl",
    "database.shop-0a1b2c3d-7-0.jsonl",
  ];
  for (const file of others) {
    await world.destination.putIfAbsent(`db=shop/coll=orders/${file}`, new Uint8Array(1));
  }
  await begin(world.instance());
});

Deno.test("writeGenesis lets other streams of its collection, other targets and closed journals be", async () => {
  const world = new LakeWorld();
  const partition = (index: number): Stream => ({
    level: "collection",
    database: "shop",
    collection: "orders",
    partition: { epoch: 1, index, of: 2 },
  });
  const others: Stream[] = [
    partition(1),
    partition(2),
    { level: "collection", database: "shop", collection: "others" },
    { level: "database", database: "shop2" },
  ];
  const { layouts } = world.instance().context;
  const layout = { epoch: 1, of: 2, barrier: positionAt({ t: OPLOG_SECONDS_FIRST, i: 1 }) };
  await layouts.putIntent(streamKey(ORDERS), { epoch: 1, of: 2 });
  await layouts.put(streamKey(ORDERS), layout);
  for (const stream of others) await begin(world.instance({ stream }));
  // Who brings which events of the collection is up to its layouts.
  await begin(world.instance());
  await assert.rejects(begin(world.instance({ stream: SHOP })), /writes? the same events/);
  for (const stream of [...others.slice(0, 3), ORDERS]) await close(world, stream);
  await begin(world.instance({ stream: SHOP }));
});

Deno.test("settleOverlap closes the journal with the greater key, whoever comes first", async () => {
  for (const first of [0, 1]) {
    const { world, both } = await beginBoth();
    for (const { one, genesis, isGreater } of [both[first]!, both[1 - first]!]) {
      const settling = settleOverlap(one.context, one.lease, genesis);
      // The second to come finds that the other has closed its journal already.
      if (isGreater) await assert.rejects(settling, first === 1 ? PermanentError : FencedError);
      else await settling;
    }
    assert.equal((await world.records(ORDERS)).length, 1);
    assert.equal((await world.records(SHOP)).at(-1)?.kind, "closed");
  }
});

Deno.test("settleOverlap closes its own journal where the other has gone on", async () => {
  const { world, both } = await beginBoth();
  const [orders, shop] = both;
  const { stream: _1, lake: _2, source: _3, settings: _4, ...base } = shop!.genesis;
  await world.journal.append(streamKey(SHOP), { ...base, kind: "heartbeat", seq: 1, id: "other" });
  await assert.rejects(
    settleOverlap(orders!.one.context, orders!.one.lease, orders!.genesis),
    PermanentError,
  );
  assert.equal((await world.records(ORDERS)).at(-1)?.kind, "closed");
});

Deno.test("settleOverlap without a valid lease closes nothing", async () => {
  const { world, both } = await beginBoth();
  for (const { one, genesis } of both) {
    one.lease.passDeadline();
    await assert.rejects(settleOverlap(one.context, one.lease, genesis), FencedError);
  }
  for (const stream of [ORDERS, SHOP]) assert.equal((await world.records(stream)).length, 1);
});

async function begin(one: Instance): Promise<GenesisRecord> {
  const { clock } = one.world;
  await clock.finish(writeGenesis(one.context, one.lease));
  return await one.context.journal.read(one.context.key, 0) as GenesisRecord;
}

interface Begun {
  readonly one: Instance;
  readonly genesis: GenesisRecord;
  readonly isGreater: boolean;
}

/** Two overlapping streams whose genesis was written before either had seen the other. */
async function beginBoth(): Promise<{ world: LakeWorld; both: Begun[] }> {
  const world = new LakeWorld();
  const both: Begun[] = [];
  const apart = [new LakeWorld(1), new LakeWorld(2)];
  for (const [index, stream] of [ORDERS, SHOP].entries()) {
    const genesis = await begin(apart[index]!.instance({ stream }));
    await world.journal.append(streamKey(stream), genesis);
    both.push({ one: world.instance({ stream }), genesis, isGreater: stream === SHOP });
  }
  return { world, both };
}

async function close(world: LakeWorld, stream: Stream): Promise<void> {
  const [genesis] = await world.records(stream) as [GenesisRecord];
  const { stream: _1, lake: _2, source: _3, settings: _4, ...base } = genesis;
  const record = { ...base, kind: "closed" as const, seq: 1, reason: "retired" };
  await world.journal.append(streamKey(stream), record);
}
