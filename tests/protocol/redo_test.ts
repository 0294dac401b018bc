/** Objects that a record names and a crash has kept from being written. */
import assert from "node:assert/strict";
import { createInlineEncoder } from "../../src/encode/inline_encoder.ts";
import { objectInspector } from "../../src/encode/inspect_object.ts";
import { createObjectJournal } from "../../src/journal/object_journal.ts";
import { verifyLake } from "../../src/journal/verify/verify_lake.ts";
import { EncoderCrashError, HistoryLostError } from "../../src/model/errors.ts";
import { namesObjects, type SettingsRecord, type VoidRecord } from "../../src/model/record.ts";
import { positionAfterToken } from "../../src/model/position.ts";
import { streamKey } from "../../src/model/stream.ts";
import type { Encoder } from "../../src/pipeline/ports.ts";
import { highWaterToken } from "../../src/source/memory/memory_token.ts";
import { crashAfterRecord } from "../support/crash_between.ts";
import { withoutEvent } from "../support/forgetful_source.ts";
import { assertExactlyOnce, readLake } from "../support/lake_oracle.ts";
import { LakeWorld, ORDERS, SETTINGS } from "../support/lake_world.ts";
import { ManualLease } from "../support/manual_lease.ts";
import { SeededRandom } from "../support/seeded_random.ts";

Deno.test("a redo makes the missing objects with the same rows under the same keys, before anything is appended", async () => {
  const world = new LakeWorld();
  world.insert(3);
  world.pass(3600);
  world.insert(3);
  await crashAfterRecord(world.instance(), 1);
  const before = await world.records();
  const two = world.instance();
  const order: string[] = [];
  two.outside.plan = ({ method, args }) => {
    if (method === "putIfAbsent") order.push(String(args[0]));
    return undefined;
  };
  world.insert(4);
  await two.runToEnd();
  await assertExactlyOnce(world);
  assert.deepEqual((await world.records()).slice(0, before.length), before);
  const missing = before.filter(namesObjects).flatMap((r) => r.objects.map((o) => o.key));
  assert(missing.includes(order[0]!));
  assert(missing.includes(order[1]!));
  assert.match(order[2]!, /^_tributary\/streams\//);
});

Deno.test("a redo reads with the settings of its record, and a change takes effect after it", async () => {
  const world = new LakeWorld();
  world.insert(4);
  await crashAfterRecord(world.instance(), 1);
  const settings = {
    ...SETTINGS,
    encoding: { ...SETTINGS.encoding, jsonMode: "canonical" as const },
    keyRule: { template: "{db}/{coll}/", bucket: "none" as const },
  };
  world.insert(4);
  await world.instance({ settings }).runToEnd();
  const { records } = await assertExactlyOnce(world);
  assert.deepEqual(records.map((r) => r.kind), [
    "genesis",
    "batch",
    "settings",
    "batch",
    "heartbeat",
  ]);
  // All before it is durable when the change is noted.
  assert.equal(records[2]!.durableThrough, 1);
  assert.deepEqual((records[2] as SettingsRecord).changed, ["encoding", "keyRule"]);
  const [old, changed] = await Promise.all(
    records.filter(namesObjects).map(async (record) => {
      const { key, bytes } = record.objects[0]!;
      const stored = await world.destination.get(key);
      assert.equal(stored?.length, bytes);
      return { key, text: new TextDecoder().decode(stored) };
    }),
  );
  assert.match(old!.key, /^db=shop\/coll=orders\//);
  assert.match(old!.text, /"full_document":\{"number":1\}/);
  assert.match(changed!.key, /^shop\/orders\/collection/);
  assert.match(changed!.text, /"full_document":\{"number":\{"\$numberInt":"5"\}\}/);
});

Deno.test("a crash before the settings record leaves the change to the next start", async () => {
  const world = new LakeWorld();
  world.insert(4);
  await crashAfterRecord(world.instance(), 1);
  const settings = { keyRule: { template: "", bucket: "none" as const } };
  for (let calls = 1; calls < 12; calls++) {
    const one = world.instance({ settings });
    let left = calls;
    one.outside.plan = () => --left < 0 ? { kind: "crash", when: "before" } : undefined;
    void one.run();
    await world.clock.advance(1000);
    await readLake(world, { complete: false });
    one.outside.kill();
  }
  await world.instance({ settings }).runToEnd();
  const { records } = await assertExactlyOnce(world);
  assert.equal(records.filter((r) => r.kind === "settings").length, 1);
});

Deno.test("a redo ends at the first high-water mark at or after to, not at an event", async () => {
  const first = new LakeWorld();
  first.insert(2);
  await crashAfterRecord(first.instance(), 1);
  const [genesis, batch] = await first.records();
  // So journals of before have it.
  const world = new LakeWorld();
  world.insert(2);
  world.pass(5);
  const to = positionAfterToken(highWaterToken(world.oplog.operationTime));
  assert(to.data > batch!.to.data);
  await world.journal.append(streamKey(ORDERS), genesis!);
  await world.journal.append(streamKey(ORDERS), { ...batch!, to });
  const two = world.instance();
  await two.runToEnd();
  await assertExactlyOnce(world);
  assert.equal(two.eventsOf("redo-finished").length, 1);
});

Deno.test("a redo takes nothing from after to, though it comes in the same reply", async () => {
  const world = new LakeWorld();
  world.insert(4);
  await crashAfterRecord(world.instance(), 1);
  world.insert(20);
  await world.instance().runToEnd();
  const { records } = await assertExactlyOnce(world);
  assert.deepEqual(records.filter(namesObjects).map((r) => r.objects[0]!.rows), [4, 4, 4, 4, 4, 4]);
});

Deno.test("rows other than recorded make a void record that names the object, and the stream goes on", async () => {
  const world = new LakeWorld();
  world.insert(3);
  world.pass(3600);
  world.insert(1);
  await crashAfterRecord(world.instance(), 1);
  const gone = world.oplog.entries[1]!.data;
  const source = withoutEvent(world, gone);
  world.insert(2);
  await world.instance({ source }).runToEnd();
  const { records, stored } = await readLake(world);
  const voided = records.find((r) => r.kind === "void") as VoidRecord;
  assert.deepEqual(voided.objects, [{
    seq: 1,
    key: records.find(namesObjects)!.objects[0]!.key,
    rows: 3,
  }]);
  assert.equal(voided.reason, "2 rows are found, 3 were recorded");
  assert.equal(voided.durableThrough, 1);
  // The record's other object, of the next hour, is whole.
  assert.deepEqual(stored, world.oplog.entries.slice(3).map((e) => e.data));
});

Deno.test("three crashes of the encoder on a redo make a void record", async () => {
  const world = new LakeWorld();
  world.insert(4);
  await crashAfterRecord(world.instance(), 1);
  let crashes = 0;
  const inner = createInlineEncoder(world.clock);
  const encoder: Encoder = {
    encode(request) {
      if (crashes === 3) return inner.encode(request);
      crashes++;
      return Promise.reject(new EncoderCrashError("the encoder died"));
    },
  };
  world.insert(4);
  await world.instance({ encoder }).runToEnd();
  const { records, stored } = await readLake(world);
  assert.equal(records.find((r) => r.kind === "void")?.reason, "the encoder died");
  assert.equal(stored.length, 4);
});

Deno.test("a redo whose history is lost fails, or is void where the user lets go of it", async () => {
  const world = new LakeWorld();
  world.insert(4);
  await crashAfterRecord(world.instance(), 1);
  world.pass(100);
  world.insert(3);
  world.oplog.truncateBefore(world.oplog.entries[4]!.time);
  await assert.rejects(world.clock.finish(world.instance().run()), HistoryLostError);
  assert.equal((await world.records()).length, 2);
  await world.instance({ options: { onHistoryLost: "restart" } }).runToEnd();
  const { records, stored } = await readLake(world);
  assert.deepEqual(records.map((r) => r.kind).slice(0, 5), [
    "genesis",
    "batch",
    "void",
    "gap",
    "batch",
  ]);
  assert.equal(stored.length, 3);
});

Deno.test("crashes in the middle of redos, one after the other, still come out right", async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = new SeededRandom(seed);
    const world = new LakeWorld(seed);
    for (let life = 0; life < 8; life++) {
      world.insert(random.below(12));
      if (random.chance(0.2)) world.pass(3600);
      const one = world.instance({ latencyMs: () => random.chance(0.8) ? 0 : random.below(100) });
      let left = random.below(40);
      const when = random.pick(["before", "after"] as const);
      one.outside.plan = ({ target }) =>
        target === "destination" && --left < 0 ? { kind: "crash", when } : undefined;
      void one.run().catch(() => {});
      await world.clock.advance(20_000);
      one.outside.kill();
      await readLake(world, { complete: false });
    }
    await world.instance().runToEnd();
    await assertExactlyOnce(world).catch((cause) => {
      throw new Error(`Not exactly once with seed ${seed}`, { cause });
    });
  }
});

Deno.test("a redo removes what its record's settings name, though others are in force by now", async () => {
  const world = new LakeWorld();
  world.insert(4);
  const redact = ["number"];
  await crashAfterRecord(world.instance({ settings: { redact } }), 1);
  world.insert(4);
  // The same writer begins again, so it need not wait for anybody.
  const { owner } = (await world.records()).at(-1)!;
  await world.instance({ lease: new ManualLease(owner, 9) }).runToEnd();
  const records = await world.records();
  const [genesis, first, settings, second] = records;
  assert(genesis?.kind === "genesis" && settings?.kind === "settings");
  assert.deepEqual(genesis.settings.redact, redact);
  assert.equal(settings.settings.redact, undefined);
  assert.deepEqual(settings.changed, ["redact"]);
  const texts = await Promise.all([first, second].map(async (record) => {
    assert(record?.kind === "batch");
    return new TextDecoder().decode(await world.destination.get(record.objects[0]!.key));
  }));
  assert.doesNotMatch(texts[0]!, /number/);
  assert.match(texts[1]!, /"full_document":\{"number":5\}/);
});

Deno.test("a redo finds the folder of an object whose key has {hash}, and verify all objects", async () => {
  const world = new LakeWorld();
  const settings = { keyRule: { template: "h={hash}/{db}/{coll}/", bucket: "none" as const } };
  world.insert(40);
  await crashAfterRecord(world.instance({ settings }), 1);
  await world.instance({ settings }).runToEnd();
  const { records } = await assertExactlyOnce(world);
  const folders = records.filter(namesObjects).flatMap((record) =>
    record.objects.map(({ key }) => key.split("/")[0]!)
  );
  assert(folders.every((folder) => /^h=[0-9a-f]{2}$/.test(folder)));
  assert(new Set(folders).size > 5);
  const { destination, clock } = world;
  const { orphans, streams } = await verifyLake(
    {
      ...{ lake: destination, destination, clock, journal: createObjectJournal(destination) },
      inspect: objectInspector(destination),
    },
    { stream: "shop.orders" },
    {},
  );
  assert.deepEqual([orphans, streams.flatMap(({ holes }) => holes)], [[], []]);
});
