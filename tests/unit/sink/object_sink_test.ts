import assert from "node:assert/strict";
import { MemoryDestination } from "../../../src/destination/memory_destination.ts";
import type { BatchRecord } from "../../../src/model/record.ts";
import { positionAt } from "../../../src/model/position.ts";
import { isWhole } from "../../../src/pipeline/record/stored_object.ts";
import { createObjectSink } from "../../../src/sink/object_sink.ts";
import { crc32Hex } from "../../../src/support/bytes/crc32.ts";

const ID = "1b9e4c7d-0a11-4c5d-9e55-3f00aa12bb34";
const BYTES = new TextEncoder().encode("{}\n");

Deno.test("an object sink tells what is missing, what is as recorded, and what has other bytes", async () => {
  const destination = new MemoryDestination();
  const [there, missing, other, old] = [
    "1b9e4c7d-1-0",
    "1b9e4c7d-1-1",
    "1b9e4c7d-1-2",
    "0a0a0a0a-1-3",
  ]
    .map((name) => `orders-${name}.jsonl`) as [string, string, string, string];
  const letter = "_tributary/dead-letter/orders-1b9e4c7d-1-0.bson";
  await destination.putIfAbsent(there, BYTES);
  await destination.putIfAbsent(other, new Uint8Array(7));
  await destination.putIfAbsent(old, new Uint8Array(7));
  const record = recordOf([there, missing, other, old], letter);
  const found = await createObjectSink(destination).look(record);
  assert.deepEqual(found.missing.map(({ key }) => key), [missing]);
  assert.deepEqual(found.disputed.map(({ key }) => key), [old]);
  assert.deepEqual(found.missingLetters.map(({ key }) => key), [letter]);
  assert.deepEqual(found.remade, [
    { seq: 1, key: other, bytes: 7, crc32: crc32Hex(new Uint8Array(7)) },
  ]);
  assert(!isWhole(found));
});

Deno.test("an object sink finds a record whole whose objects are all there", async () => {
  const destination = new MemoryDestination();
  const [key, letter] = ["orders-1b9e4c7d-1-0.jsonl", "_tributary/dead-letter/o-1b9e4c7d-1-0.bson"];
  for (const each of [key!, letter!]) await destination.putIfAbsent(each, BYTES);
  const found = await createObjectSink(destination).look(recordOf([key!], letter!));
  assert(isWhole(found));
  assert.deepEqual(found.remade, []);
});

function recordOf(keys: readonly string[], letter: string): BatchRecord {
  const entry = {
    database: "shop",
    collection: "orders",
    bucket: "",
    rows: 1,
    bytes: BYTES.length,
  };
  return {
    ...{
      v: 1,
      kind: "batch",
      seq: 1,
      from: positionAt({ t: 1, i: 1 }),
      to: positionAt({ t: 2, i: 1 }),
    },
    ...{ id: ID, owner: "a", generation: 1, settingsSeq: 0, durableThrough: 0 },
    writtenAt: "2026-11-20T17:00:00.000Z",
    objects: keys.map((key) => ({ ...entry, key })),
    deadLetters: [{ key: letter, bytes: BYTES.length, events: [{ data: "82", reason: "x" }] }],
  };
}
