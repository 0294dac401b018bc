import assert from "node:assert/strict";
import { positionAt } from "../../src/model/position.ts";
import type { BatchRecord, ObjectEntry } from "../../src/model/record.ts";
import { isWhole } from "../../src/pipeline/record/stored_object.ts";
import type { Sink } from "../../src/pipeline/sink.ts";
import { crc32Hex } from "../../src/support/bytes/crc32.ts";

/** A kind of sink under test. Each call opens an empty one of its own, released after the test. */
export interface SinkKind {
  readonly name: string;
  open(): Promise<{ sink: Sink; release(): Promise<void> }>;
}

/** Registers the tests that everything that delivers objects must pass. */
export function sinkContract(kind: SinkKind): void {
  for (const [sentence, check] of Object.entries(CHECKS)) {
    Deno.test(`${kind.name}: ${sentence}`, async () => {
      const { sink, release } = await kind.open();
      try {
        await check(sink);
      } finally {
        await release();
      }
    });
  }
}

const CHECKS: Readonly<Record<string, (sink: Sink) => Promise<void>>> = {
  "a delivery is new once, and says what lies there ever after": deliversOnce,
  "of 20 deliveries under one key one is new, and all tell its size": hasOneWinner,
  "look finds missing what was not delivered, and nothing where all was": findsWhatIsMissing,
  "look tells other bytes of the same record from those of another one": tellsOtherBytes,
  "what was delivered is listed in order, also beside what others brought": lists,
  "describe tells the checksum, and fails where nothing lies": describes,
};

const ID = "1b9e4c7d-0a11-4c5d-9e55-3f00aa12bb34";
const OURS = "db=shop/orders-1b9e4c7d-7-0.jsonl";
const UNSURE = "db=shop/orders-0a0a0a0a-7-1.jsonl";
const LETTER = "_tributary/dead-letter/orders-1b9e4c7d-7-0.bson";
const BYTES = new TextEncoder().encode("{}\n");
const OTHERS = new TextEncoder().encode("{} {}\n");

async function deliversOnce(sink: Sink): Promise<void> {
  const first = await put(sink, OURS, BYTES);
  assert.equal(first.isNew, true);
  assert.equal(first.stored?.bytes, BYTES.length);
  for (const bytes of [BYTES, OTHERS]) {
    const again = await put(sink, OURS, bytes);
    assert.equal(again.isNew, false);
    assert.equal(again.stored?.bytes, BYTES.length);
  }
  assert.equal(await sink.head(UNSURE), undefined);
}

async function hasOneWinner(sink: Sink): Promise<void> {
  const bodies = Array.from({ length: 20 }, (_, i) => new Uint8Array(100 + i));
  const answers = await Promise.all(bodies.map((body) => put(sink, OURS, body)));
  const winner = answers.findIndex(({ isNew }) => isNew);
  assert.equal(answers.filter(({ isNew }) => isNew).length, 1);
  for (const { stored } of answers) assert.equal(stored?.bytes, bodies[winner]!.length);
}

async function findsWhatIsMissing(sink: Sink): Promise<void> {
  const nothing = await sink.look(RECORD);
  assert.deepEqual(nothing.missing.map(({ key }) => key), [OURS, UNSURE]);
  assert.deepEqual(nothing.missingLetters.map(({ key }) => key), [LETTER]);
  for (const key of [OURS, UNSURE, LETTER]) await put(sink, key, BYTES);
  const all = await sink.look(RECORD);
  assert(isWhole(all));
  assert.deepEqual(all.remade, []);
}

async function tellsOtherBytes(sink: Sink): Promise<void> {
  for (const key of [OURS, UNSURE, LETTER]) await put(sink, key, OTHERS);
  const { missing, disputed, remade } = await sink.look(RECORD);
  assert.deepEqual(missing, []);
  assert.deepEqual(disputed.map(({ key }) => key), [UNSURE]);
  const made = { seq: 7, bytes: OTHERS.length, crc32: crc32Hex(OTHERS) };
  assert.deepEqual(remade, [{ ...made, key: OURS }, { ...made, key: LETTER }]);
}

async function lists(sink: Sink): Promise<void> {
  for (const key of [LETTER, OURS, UNSURE]) await put(sink, key, BYTES);
  assert.deepEqual(await sink.list("db=", { limit: 10 }), [UNSURE, OURS]);
  assert.deepEqual(await sink.list("db=", { limit: 1, startAfter: UNSURE }), [OURS]);
}

async function describes(sink: Sink): Promise<void> {
  await put(sink, OURS, BYTES);
  const { bytes, crc32 } = await sink.describe(OURS);
  assert.deepEqual({ bytes, crc32 }, { bytes: BYTES.length, crc32: crc32Hex(BYTES) });
  await assert.rejects(sink.describe(UNSURE), { name: "TransientError" });
}

const put = (sink: Sink, key: string, bytes: Uint8Array) =>
  sink.deliver(key, bytes, crc32Hex(bytes));

const ENTRY: Omit<ObjectEntry, "key"> = {
  ...{ database: "shop", collection: "orders", bucket: "" },
  ...{ rows: 1, bytes: BYTES.length, crc32: crc32Hex(BYTES) },
};

const RECORD: BatchRecord = {
  ...{ v: 2, kind: "batch", seq: 7, id: ID, owner: "a", generation: 1 },
  ...{ from: positionAt({ t: 1, i: 1 }), to: positionAt({ t: 2, i: 1 }) },
  ...{ settingsSeq: 0, durableThrough: 0, writtenAt: "2026-11-20T17:00:00.000Z" },
  objects: [OURS, UNSURE].map((key) => ({ ...ENTRY, key })),
  deadLetters: [{
    ...{ key: LETTER, bytes: BYTES.length, crc32: crc32Hex(BYTES) },
    events: [{ data: "82", reason: "x" }],
  }],
};
