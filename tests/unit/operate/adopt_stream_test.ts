import assert from "node:assert/strict";
import { MemoryDestination } from "../../../src/destination/memory_destination.ts";
import { createObjectJournal } from "../../../src/journal/object_journal.ts";
import type { SettingsRecord } from "../../../src/model/record.ts";
import { streamKey } from "../../../src/model/stream.ts";
import { adoptStream } from "../../../src/operate/adopt_stream.ts";
import type { Source } from "../../../src/pipeline/ports.ts";
import { createMemorySource } from "../../../src/source/memory/memory_source.ts";
import { assertExactlyOnce } from "../../support/lake_oracle.ts";
import { LakeWorld, OPLOG_SECONDS_FIRST, ORDERS } from "../../support/lake_world.ts";
import { operatorParts } from "../../support/operator_parts.ts";

const KEY = streamKey(ORDERS);

Deno.test("adoptStream begins a lost journal where the state store saw it last, with another lake id", async () => {
  const world = await filledWorld();
  const [genesis] = await world.records();
  const state = await world.state.load(KEY);
  const parts = { ...operatorParts(world), ...emptyLake() };
  const [adoption] = await adoptStream(parts, "shop.orders", undefined);
  assert.equal(adoption!.what, "lost-journal");
  assert.deepEqual(adoption!.at, state!.position);
  const begun = await parts.journal.read(KEY, 0);
  assert(begun?.kind === "genesis" && genesis?.kind === "genesis");
  assert.deepEqual(begun.from, state!.position);
  assert.notEqual(begun.lake, genesis.lake);
});

Deno.test("adoptStream begins a lost journal where it is told to", async () => {
  const world = await filledWorld();
  const parts = { ...operatorParts(world), ...emptyLake() };
  const at = { kind: "time", seconds: OPLOG_SECONDS_FIRST } as const;
  const [adoption] = await adoptStream(parts, "collection:shop.orders", at);
  assert.deepEqual(adoption!.at.operationTime, { t: OPLOG_SECONDS_FIRST, i: 1 });
});

Deno.test("adoptStream does not begin a journal of which nothing was lost", async () => {
  const fresh = operatorParts(new LakeWorld());
  await assert.rejects(adoptStream(fresh, "shop.orders", undefined), /nothing shows that it was/);
  await assert.rejects(adoptStream(fresh, "orders", undefined), /Cannot find the stream "orders"/);
});

Deno.test("adoptStream fills in what is gone of a journal, and the stream goes on", async () => {
  const world = await filledWorld();
  const before = await world.records();
  await world.lose((key) => key.endsWith("/0000000000000000.json"));
  await assert.rejects(
    world.clock.finish(world.instance().run()),
    /tributary position adopt collection:shop\.orders/,
  );
  const [adoption] = await adoptStream(operatorParts(world), "shop.orders", undefined);
  assert.deepEqual(adoption, {
    stream: ORDERS,
    what: "lost-records",
    at: before.at(-1)!.to,
    records: 1,
  });
  world.insert(2);
  await world.instance().runToEnd();
  await assertExactlyOnce(world);
  await assert.rejects(
    adoptStream(operatorParts(world), "shop.orders", undefined),
    /nothing is wrong/,
  );
});

Deno.test("adoptStream asks where to go on if only objects are left", async () => {
  const world = await filledWorld();
  const { state: _, ...parts } = operatorParts(world);
  const { state } = new LakeWorld();
  const lake = emptyLake();
  const [object] = await world.destination.list("db=", { limit: 1 });
  await lake.destination.putIfAbsent(object!, new Uint8Array(1));
  await assert.rejects(
    adoptStream({ ...parts, ...lake, state }, "shop.orders", undefined),
    /the state store does not know where it stood; say where to go on with --at/,
  );
});

Deno.test("adoptStream notes another server, and the run that refused it goes on", async () => {
  const world = await filledWorld();
  const last = (await world.records()).at(-1)!;
  const source = otherServer(operatorParts(world).source);
  const parts = operatorParts(world, { source });
  await assert.rejects(world.clock.finish(world.instance({ source }).run()), /position adopt/);
  const [adoption] = await adoptStream(parts, "shop.orders", undefined);
  assert.deepEqual(adoption, {
    stream: ORDERS,
    what: "other-source",
    at: last.to,
    objectsGivenUp: 0,
  });
  const record = (await world.records()).at(-1) as SettingsRecord;
  assert.equal(record.kind, "settings");
  assert.deepEqual([record.source, record.changed], [{ setName: "other" }, ["source"]]);
  world.insert(2);
  await world.instance({ source }).runToEnd();
  await assert.rejects(adoptStream(parts, "shop.orders", undefined), /nothing is wrong/);
});

Deno.test("adoptStream gives up objects of the old server that are missing, and moves on if told to", async () => {
  const world = await filledWorld();
  const records = await world.records();
  const batch = records.findLast((r) => r.kind === "batch")!;
  // A writer died between the record and its objects.
  const { seq, to } = records.at(-1)!;
  const object = { ...batch.objects[0]!, key: "never-made", rows: 2 };
  await world.journal.append(KEY, {
    ...batch,
    seq: seq + 1,
    id: "unfinished",
    from: to,
    to,
    objects: [object],
    durableThrough: seq,
  });
  world.pass(60);
  const parts = operatorParts(world, { source: otherServer(operatorParts(world).source) });
  const [adoption] = await adoptStream(parts, "shop.orders", { kind: "now" });
  assert(adoption?.what === "other-source");
  assert.equal(adoption.objectsGivenUp, 1);
  const added = (await world.records()).slice(seq + 2);
  assert.deepEqual(added.map(({ kind }) => kind), ["void", "settings", "gap"]);
  assert(added[0]!.kind === "void");
  assert.deepEqual(added[0]!.objects, [{ seq: seq + 1, key: "never-made", rows: 2 }]);
  assert.deepEqual(added[2]!.to, adoption.at);
});

Deno.test("adoptStream does not go back to an earlier place on another server", async () => {
  const world = await filledWorld();
  const parts = operatorParts(world, { source: otherServer(operatorParts(world).source) });
  const at = { kind: "time", seconds: OPLOG_SECONDS_FIRST } as const;
  await assert.rejects(adoptStream(parts, "shop.orders", at), /a journal goes forward only/);
});

Deno.test("adoptStream accepts a restored server once its time has passed the journal's end", async () => {
  const world = await filledWorld();
  const records = await world.records();
  const { to } = records.at(-1)!;
  const restored = world.oplog.restoredAt(world.oplog.entries[2]!.time);
  const source = createMemorySource({ oplog: restored, clock: world.clock });
  const parts = operatorParts(world, { source });
  await assert.rejects(adoptStream(parts, "shop.orders", undefined), /adopt .* yet.*ends later/);
  restored.advanceTo({ t: to.operationTime.t + 60, i: 1 });
  const { t, i } = to.operationTime;
  const at = { operationTime: { t, i: i + 1 }, data: "" };
  assert.deepEqual(await adoptStream(parts, "shop.orders", undefined), [
    { stream: ORDERS, what: "restored-source", at, objectsGivenUp: 0 },
  ]);
  const gap = (await world.records()).at(-1)!;
  assert(gap.kind === "gap" && gap.seq === records.length);
  assert.match(gap.reason, /restored/);
  await assert.rejects(adoptStream(parts, "shop.orders", undefined), /nothing is wrong/);
});

Deno.test("adoptStream takes an oplog that is only too short for no restore", async () => {
  const world = await filledWorld();
  world.pass(60);
  world.oplog.truncateBefore(world.oplog.operationTime);
  const parts = operatorParts(world);
  await assert.rejects(adoptStream(parts, "shop.orders", undefined), /nothing is wrong/);
});

async function filledWorld(): Promise<LakeWorld> {
  const world = new LakeWorld();
  world.pass(10);
  world.insert(5);
  await world.instance().runToEnd();
  return world;
}

function emptyLake() {
  const destination = new MemoryDestination();
  return { destination, journal: createObjectJournal(destination) };
}

function otherServer(source: Source): Source {
  return {
    open: (request, signal) => source.open(request, signal),
    describe: async (signal) => ({
      ...await source.describe(signal),
      identity: { setName: "other" },
    }),
  };
}
