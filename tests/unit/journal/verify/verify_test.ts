import assert from "node:assert/strict";
import { createInlineEncoder } from "../../../../src/encode/inline_encoder.ts";
import {
  type StreamReport,
  type VerifyOptions,
} from "../../../../src/journal/verify/verify_options.ts";
import { verifyStream } from "../../../../src/journal/verify/verify.ts";
import type { GapRecord, VoidRecord } from "../../../../src/model/record.ts";
import { streamKey } from "../../../../src/model/stream.ts";
import { crc32Hex } from "../../../../src/support/bytes/crc32.ts";
import { ChangedLake, recordFile } from "../../../support/changed_lake.ts";
import { LakeWorld, ORDERS } from "../../../support/lake_world.ts";
import { systemClock } from "../../../../src/support/clock.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const KEY = streamKey(ORDERS);

Deno.test("verifyStream finds a clean lake whole and counts it", async () => {
  const report = await verify(await filledLake());
  assert.deepEqual(report.holes, []);
  assert.deepEqual([report.rows, report.objects, report.remadeUnnoted], [10, 3, 0]);
});

Deno.test("verifyStream names a missing object", async () => {
  const lake = await filledLake();
  const key = lake.objects[1]!;
  lake.remove(key);
  assert.deepEqual(whatOf(await verify(lake)), [`${key}: the object is missing`]);
});

Deno.test("verifyStream names an object with other rows than recorded", async () => {
  const lake = await filledLake();
  const key = lake.objects[0]!;
  lake.put(key, new TextDecoder().decode(lake.get(key)).replace(/\n/, " "));
  assert.match(whatOf(await verify(lake))[0]!, /: 3 rows, 4 were recorded$/);
});

for (const depth of ["stored", "everything"] as const) {
  Deno.test(`verifyStream (${depth}) names an object of version 2 that has another size`, async () => {
    const lake = await filledLake();
    lake.upgrade(KEY);
    const key = lake.objects[0]!;
    const bytes = lake.get(key);
    lake.put(key, reworded(bytes, "insert", "update!"));
    const what = whatOf(await verify(lake, { depth }));
    assert.deepEqual(what, [
      `${key}: ${lake.get(key).length} bytes, ${bytes.length} were recorded`,
    ]);
  });
}

Deno.test("verifyStream finds an object of the same size and rows by the checksum that the store tells", async () => {
  const lake = await filledLake();
  lake.upgrade(KEY);
  lake.tellsChecksums = true;
  const key = lake.objects[0]!;
  const before = crc32Hex(lake.get(key));
  lake.put(key, reworded(lake.get(key), "insert", "update"));
  const after = crc32Hex(lake.get(key));
  assert.deepEqual(whatOf(await verify(lake)), [
    `${key}: its checksum is ${after}, ${before} was recorded`,
  ]);
});

Deno.test("verifyStream asks for nothing but sizes and checksums where these prove an object", async () => {
  const lake = await filledLake();
  lake.upgrade(KEY);
  lake.tellsChecksums = true;
  const inspect = () => Promise.reject(new Error("it was read"));
  assert.deepEqual(whatOf(await verify(lake, { inspect })), []);
});

Deno.test("verifyStream (everything) finds an object of the same size and rows by its checksum", async () => {
  const lake = await filledLake();
  lake.upgrade(KEY);
  const key = lake.objects[0]!;
  lake.put(key, reworded(lake.get(key), "insert", "update"));
  assert.match(whatOf(await verify(lake, { depth: "everything" }))[0]!, /its checksum is/);
});

Deno.test("verifyStream (everything) finds zeros in an object of version 1", async () => {
  const lake = await filledLake();
  const key = lake.objects[0]!;
  lake.put(key, lake.get(key).slice().fill(0, 300, 330));
  assert.deepEqual(whatOf(await verify(lake)), []);
  assert.match(whatOf(await verify(lake, { depth: "everything" }))[0]!, /it is damaged \(row \d/);
});

Deno.test("verifyStream takes other bytes with the same rows for a redo, in version 1 only, and counts it", async () => {
  const lake = await filledLake();
  const key = lake.objects[0]!;
  lake.put(key, reworded(lake.get(key), "insert", "update!"));
  const report = await verify(lake);
  assert.deepEqual([whatOf(report), report.remadeUnnoted, report.rows], [[], 1, 10]);
});

Deno.test("verifyStream decodes an object of version 1 that has another size", async () => {
  const lake = await filledLake();
  const key = lake.objects[0]!;
  const bytes = lake.get(key);
  lake.put(key, bytes.slice(0, bytes.length - 7));
  assert.match(whatOf(await verify(lake))[0]!, /it is damaged \(it ends in the middle of row 4\)/);
});

Deno.test("verifyStream takes what a redo noted in place of what the record says", async () => {
  for (const tellsChecksums of [true, false]) {
    const lake = await filledLake();
    lake.upgrade(KEY);
    lake.tellsChecksums = tellsChecksums;
    const key = lake.objects[0]!;
    lake.put(key, reworded(lake.get(key), "insert", "update!"));
    const bytes = lake.get(key);
    noteRemade(lake, { seq: 1, key, bytes: bytes.length, crc32: crc32Hex(bytes) });
    for (const depth of ["stored", "everything"] as const) {
      const report = await verify(lake, { depth });
      assert.deepEqual([whatOf(report), report.rows, report.remadeUnnoted], [[], 10, 0]);
    }
    lake.put(key, reworded(bytes, "update!", "replace!"));
    assert.match(whatOf(await verify(lake))[0]!, /bytes, \d+ were recorded$/);
  }
});

Deno.test("verifyStream names records that are missing, in a row as one", async () => {
  const lake = await filledLake(40);
  lake.remove(recordFile(KEY, 3));
  for (const seq of [6, 7]) lake.remove(recordFile(KEY, seq));
  const { holes } = await verify(lake);
  assert.deepEqual(holes.map(({ seq, what }) => [seq, what]), [
    [3, "the record is missing"],
    [6, "the records 6 to 7 are missing"],
  ]);
});

Deno.test("verifyStream names records that are missing at the beginning, and looks at the others", async () => {
  const lake = await filledLake();
  for (const seq of [0, 1]) lake.remove(recordFile(KEY, seq));
  const report = await verify(lake);
  assert.deepEqual(whatOf(report), [
    "the records 0 to 1 are missing; the journal has lost its beginning",
  ]);
  assert.equal(report.rows, 6);
});

Deno.test("verifyStream names a record that cannot be read, wherever it stands", async () => {
  const length = (await verify(await filledLake())).records;
  for (const seq of [1, length - 1]) {
    const lake = await filledLake();
    lake.put(recordFile(KEY, seq), '{"v": 1');
    const { holes } = await verify(lake);
    assert.equal(holes[0]?.seq, seq);
    assert.match(holes[0]!.what, /^Cannot read the journal record ".*": its 7 bytes are not JSON/);
  }
});

Deno.test("verifyStream names a broken chain", async () => {
  const lake = await filledLake();
  lake.editRecord(KEY, 2, (record) => record.from = { operationTime: { t: 5, i: 1 }, data: "" });
  assert.match(whatOf(await verify(lake))[0]!, /begins at \S+ \(5\.1\), the record before ends at/);
});

Deno.test("verifyStream lists gaps, and objects given up once", async () => {
  const world = await filledWorld();
  const last = (await world.records()).at(-1)!;
  const lake = await ChangedLake.of(world);
  const key = lake.objects[0]!;
  const base = { ...last, from: last.to, to: last.to };
  const gap: GapRecord = { ...base, kind: "gap", seq: last.seq + 1, id: "gap", reason: "moved" };
  const given: VoidRecord = {
    ...base,
    kind: "void",
    seq: last.seq + 2,
    id: "void",
    objects: [{ seq: 1, key, rows: 4 }],
    reason: "lost",
  };
  for (const record of [gap, given]) lake.put(recordFile(KEY, record.seq), JSON.stringify(record));
  lake.remove(key);
  const report = await verify(lake);
  assert.deepEqual(report.holes.map((h) => h.seq), [gap.seq, given.seq]);
  assert.match(report.holes[1]!.what, /given up with 4 rows: lost/);
});

Deno.test("verifyStream starts at the record that reaches past `since`", async () => {
  const world = await filledWorld();
  const records = await world.records();
  const old = (await ChangedLake.of(world)).objects[0]!;
  world.pass(5000);
  const instance = world.instance();
  world.insert(2);
  await instance.runToEnd();
  const lake = await ChangedLake.of(world);
  lake.remove(old);
  const sinceSeconds = records.at(-1)!.to.operationTime.t + 100;
  const report = await verify(lake, { sinceSeconds });
  assert.deepEqual(report.holes, []);
  assert.equal(report.rows, 2);
});

Deno.test("verifyStream compares the sizes of dead letters, and counts them when it reads everything", async () => {
  const world = new LakeWorld();
  const inline = createInlineEncoder(systemClock);
  world.insert(4);
  await world.instance({
    encoder: {
      // The second event of each batch cannot be encoded.
      async encode(request) {
        const event = request.chunks[0]!.bytes.slice(0, request.chunks[0]!.starts[1]);
        const result = await inline.encode(request);
        return { ...result, failed: [{ index: 1, event, reason: "damaged" }] };
      },
    },
  }).runToEnd();
  const lake = await ChangedLake.of(world);
  const key = lake.keys.find((each) => each.endsWith(".bson"))!;
  const whole = await verify(lake, { depth: "everything" });
  assert.deepEqual([whatOf(whole), whole.deadLetters], [[], 1]);
  const bytes = lake.get(key);
  lake.put(key, bytes.slice(0, bytes.length - 1));
  assert.match(whatOf(await verify(lake))[0]!, /it is damaged \(.*document length is/);
  const twice = new Uint8Array([...bytes, ...bytes]);
  lake.put(key, twice);
  assert.match(whatOf(await verify(lake))[0]!, /: 2 events, 1 were recorded$/);
  lake.put(key, bytes);
  lake.upgrade(KEY);
  lake.put(key, bytes.slice().fill(1, 20, 40));
  assert.deepEqual(whatOf(await verify(lake)), []);
  assert.match(whatOf(await verify(lake, { depth: "everything" }))[0]!, /its checksum is/);
  lake.put(key, twice);
  assert.match(whatOf(await verify(lake))[0]!, /bytes, \d+ were recorded$/);
});

Deno.test("verifyStream finds records that were changed behind a tip, and takes no other's tip for one", async () => {
  const world = await filledWorld();
  const last = (await world.records()).at(-1)!;
  const lake = await ChangedLake.of(world);
  for (let seq = last.seq + 1; seq < 1000; seq++) {
    const record = { ...last, kind: "heartbeat", seq, from: last.to, id: `${seq}` };
    lake.put(recordFile(KEY, seq), JSON.stringify(record));
  }
  const tip = {
    v: 1,
    seq: 999,
    hash: "0".repeat(64),
    events: 10,
    objects: 3,
    bytes: 1,
    deadLetters: 0,
    gaps: 0,
    voids: 0,
  };
  const key = `_tributary/streams/${KEY}/tip/0000000000000999.json`;
  lake.put(key, JSON.stringify(tip));
  assert.match(
    whatOf(await verify(lake))[0] ?? "",
    /records changed since its tip was written: .*hash/,
  );
  lake.put(key, JSON.stringify({ v: 2, whatever: true }));
  assert.deepEqual(whatOf(await verify(lake)), []);
  lake.put(key, "{");
  assert.match(whatOf(await verify(lake))[0] ?? "", /^Cannot read the tip/);
});

Deno.test("verifyStream lets pass what went wrong with the store", async () => {
  const lake = await filledLake();
  const options = lake.options();
  const down = () => Promise.reject(new Error("down"));
  await assert.rejects(verify(lake, { inspect: down }), /down/);
  await assert.rejects(verify(lake, { lake: { ...options.lake, get: down } }), /down/);
});

for (const isBatch of [false, true]) {
  Deno.test(`verifyStream waits for the note of a redo that goes on meanwhile${isBatch ? ", unless a batch says that there is none" : ""}`, async () => {
    const lake = await filledLake();
    lake.upgrade(KEY);
    const clock = new VirtualClock();
    const farewell = lake.keys.filter((key) => key.startsWith("_tributary/streams/")).length - 1;
    const text = new TextDecoder().decode(lake.remove(recordFile(KEY, farewell)));
    const batch = farewell - 1;
    lake.editRecord(KEY, batch, (record) => record.durableThrough = batch - 1);
    const key = lake.objects.at(-1)!;
    const bytes = reworded(lake.get(key), "insert", "update!");
    lake.put(key, bytes);
    const note = { seq: batch, key, bytes: bytes.length, crc32: crc32Hex(bytes) };
    const record = JSON.parse(text);
    if (isBatch) Object.assign(record, { kind: "batch", objects: [], deadLetters: [] });
    else Object.assign(record, { v: 2, remade: [note] });
    const verified = verify(lake, { clock });
    for (let i = 0; clock.timerCount === 0 && i < 1000; i++) await clock.settle();
    lake.put(recordFile(KEY, farewell), JSON.stringify(record));
    await clock.advance(60_000);
    const { holes } = await verified;
    assert.deepEqual(holes.map(({ seq }) => seq), isBatch ? [batch] : []);
  });
}

function verify(lake: ChangedLake, more: Partial<VerifyOptions> = {}): Promise<StreamReport> {
  return verifyStream(lake.options(more), KEY);
}

function whatOf({ holes }: StreamReport): string[] {
  return holes.map(({ what }) => what);
}

function reworded(bytes: Uint8Array, from: string, to: string): Uint8Array<ArrayBuffer> {
  const text = new TextDecoder().decode(bytes);
  assert(text.includes(from));
  return new TextEncoder().encode(text.replace(from, to));
}

/** Lets the last record, a heartbeat, tell of it. */
function noteRemade(lake: ChangedLake, entry: unknown): void {
  const last = lake.keys.filter((key) => key.startsWith("_tributary/streams/")).length - 1;
  lake.editRecord(KEY, last, (record) => {
    assert.equal(record.kind, "heartbeat");
    record.remade = [entry];
  });
}

/** Events in batches of four, stopped cleanly. */
async function filledWorld(events = 10): Promise<LakeWorld> {
  const world = new LakeWorld();
  world.insert(events);
  await world.instance().runToEnd();
  return world;
}

async function filledLake(events = 10): Promise<ChangedLake> {
  return await ChangedLake.of(await filledWorld(events));
}
