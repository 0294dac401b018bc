import assert from "node:assert/strict";
import type { Encoder } from "../../../../src/pipeline/ports.ts";
import { createInlineEncoder } from "../../../../src/encode/inline_encoder.ts";
import type { BatchRecord, JournalRecord } from "../../../../src/model/record.ts";
import { streamKey } from "../../../../src/model/stream.ts";
import { openJournal } from "../../../../src/pipeline/recover/open_journal.ts";
import { FleetRecordFormat } from "../../../../src/pipeline/record/record_format.ts";
import { crc32Hex } from "../../../../src/support/bytes/crc32.ts";
import { crashAfterRecord } from "../../../support/crash_between.ts";
import { assertExactlyOnce } from "../../../support/lake_oracle.ts";
import { LakeWorld, ORDERS } from "../../../support/lake_world.ts";

/** The keys that versions without record ids made have the journal's `lake` in its place. */
const OLD_KEY = "db=shop/coll=orders/2026-11-20/17/collection.shop.orders-LAKE-1-0.jsonl";

Deno.test("records of version 2 say the checksum of each object", async () => {
  const world = new LakeWorld();
  world.insert(4);
  await world.instance({ recordFormat: version2(world) }).runToEnd();
  const { key, crc32 } = batchOf(await world.records()).objects[0]!;
  assert.equal(crc32, crc32Hex((await world.destination.get(key))!));
});

Deno.test("redo that makes the same rows in other bytes notes what lies there now", async () => {
  const world = new LakeWorld();
  world.insert(4);
  const recordFormat = version2(world);
  await crashAfterRecord(world.instance({ recordFormat }), 1);
  const one = world.instance({ recordFormat, encoder: otherBytes(world) });
  await world.clock.finish(openJournal(one.context, one.lease));
  const records = await world.records();
  const { key, bytes } = batchOf(records).objects[0]!;
  const stored = (await world.destination.get(key))!;
  assert.equal(stored.length, bytes + 1);
  assert.deepEqual(remadeIn(records), [
    { seq: 1, key, bytes: stored.length, crc32: crc32Hex(stored) },
  ]);
  assert.equal(records.at(-1)!.durableThrough, 2 - 1);
  await assertExactlyOnce(world);
});

Deno.test("redo notes what an earlier redo, which died before its note, has stored in other bytes", async () => {
  const world = new LakeWorld();
  world.insert(4);
  const recordFormat = version2(world);
  await crashAfterRecord(world.instance({ recordFormat }), 1);
  const { key } = batchOf(await world.records()).objects[0]!;
  await world.destination.putIfAbsent(key, new TextEncoder().encode("{}\n"));
  const one = world.instance({ recordFormat });
  await world.clock.finish(openJournal(one.context, one.lease));
  assert.deepEqual(remadeIn(await world.records()).map((each) => [each.key, each.bytes]), [[
    key,
    3,
  ]]);
});

Deno.test("redo appends no note in a journal of version 1", async () => {
  const world = new LakeWorld();
  world.insert(4);
  await crashAfterRecord(world.instance(), 1);
  const one = world.instance({ encoder: otherBytes(world) });
  await world.clock.finish(openJournal(one.context, one.lease));
  assert.equal((await world.records()).length, 2);
  await assertExactlyOnce(world);
});

Deno.test("redo gives up an object of an older version's record whose key another object has", async () => {
  const world = new LakeWorld();
  const key = await crashAsOlderVersion(world);
  await world.destination.putIfAbsent(key, new TextEncoder().encode("{}\n"));
  const one = world.instance();
  await world.clock.finish(openJournal(one.context, one.lease));
  const last = (await world.records()).at(-1)!;
  assert(last.kind === "void");
  assert.equal(last.reason, "another object lies under its key");
  assert.deepEqual(last.objects.map((each) => each.key), [key]);
});

Deno.test("redo takes an older redo's object of the same rows in the bytes that it makes now as done", async () => {
  const world = new LakeWorld();
  const key = await crashAsOlderVersion(world);
  const first = world.instance({ encoder: otherBytes(world) });
  await world.clock.finish(openJournal(first.context, first.lease));
  const stored = (await world.destination.head(key))!.bytes;
  const second = world.instance({ encoder: otherBytes(world) });
  await world.clock.finish(openJournal(second.context, second.lease));
  assert.equal((await world.destination.head(key))!.bytes, stored);
  assert.equal((await world.records()).length, 2);
  await assertExactlyOnce(world);
});

Deno.test("redo finds the objects of an older version's record under the names that these have", async () => {
  const world = new LakeWorld();
  const key = await crashAsOlderVersion(world);
  const one = world.instance();
  await world.clock.finish(openJournal(one.context, one.lease));
  assert.notEqual(await world.destination.head(key), undefined);
  await assertExactlyOnce(world);
});

/** Everybody knows version 2. */
function version2(world: LakeWorld): FleetRecordFormat {
  const format = new FleetRecordFormat(world.clock, 2);
  format.noteMembers([{ recordVersion: 2 }]);
  return format;
}

/** The same rows, and an empty line behind them. */
function otherBytes(world: LakeWorld): Encoder {
  const encoder = createInlineEncoder(world.clock);
  return {
    async encode(request) {
      const result = await encoder.encode(request);
      const bytes = new Uint8Array(result.bytes.length + 1);
      bytes.set(result.bytes);
      bytes[result.bytes.length] = 0x0a;
      return { ...result, bytes };
    },
  };
}

/** A journal of the version before, killed between its first record and the object; answers that object's key. */
async function crashAsOlderVersion(world: LakeWorld): Promise<string> {
  world.insert(4);
  const draft = new LakeWorld();
  draft.insert(4);
  await crashAfterRecord(draft.instance(), 1);
  const [genesis, batch] = await draft.records() as [
    JournalRecord & { kind: "genesis" },
    BatchRecord,
  ];
  const key = OLD_KEY.replace("LAKE", genesis.lake);
  const objects = batch.objects.map((object) => ({ ...object, key }));
  await world.journal.append(streamKey(ORDERS), genesis);
  await world.journal.append(streamKey(ORDERS), { ...batch, objects });
  return key;
}

function batchOf(records: readonly JournalRecord[]): BatchRecord {
  return records.find((record) => record.kind === "batch")!;
}

function remadeIn(records: readonly JournalRecord[]) {
  return records.flatMap((record) => record.kind === "heartbeat" ? record.remade ?? [] : []);
}
