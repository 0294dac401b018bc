import assert from "node:assert/strict";
import {
  createObjectRedrives,
  listRedriven,
} from "../../../../src/journal/letters/object_redrives.ts";
import { PermanentError } from "../../../../src/model/errors.ts";
import type { Redrive } from "../../../../src/model/redrive.ts";
import { mapStore } from "../../../contract/journal_map_store.ts";

const FIRST: Redrive = {
  seq: 42,
  number: 0,
  recordId: "5f0c2a91-1111-4222-8333-444455556666",
  redrivenAt: "2026-11-20T17:00:00.000Z",
  by: "operator-host",
  encoding: { format: "parquet", compression: "zstd", jsonMode: "relaxed" },
  encoderVersion: 2,
  redact: ["password"],
  objects: [{
    key: "a/b-5f0c2a91-42-0.redriven.parquet",
    database: "shop",
    collection: null,
    bucket: "2026-11-20T17",
    rows: 1,
    bytes: 7,
    crc32: "0000000f",
    events: ["82"],
  }],
};

const STREAM = "collection.shop.orders";

Deno.test("createObjectRedrives() reads all redrives of a record back, and lets the first write count", async () => {
  const { store, files } = mapStore();
  const redrives = createObjectRedrives(store);
  assert.deepEqual(await redrives.read(STREAM, 42), []);
  assert.equal(await redrives.put(STREAM, FIRST), "created");
  assert.equal(await redrives.put(STREAM, { ...FIRST, objects: [] }), "exists");
  const { redact: _, ...plain } = { ...FIRST, number: 1 };
  await redrives.put(STREAM, plain);
  assert.deepEqual(await redrives.read(STREAM, 42), [FIRST, plain]);
  assert.deepEqual(await redrives.read(STREAM, 43), []);
  assert.ok(files.has(`_tributary/redriven/${STREAM}/0000000000000042-0001.json`));
});

Deno.test("createObjectRedrives() refuses another format of the file", async () => {
  const { store } = mapStore();
  const key = `_tributary/redriven/${STREAM}/0000000000000042-0000.json`;
  await store.putIfAbsent(key, new TextEncoder().encode('{"v": 2}'));
  await assert.rejects(createObjectRedrives(store).read(STREAM, 42), (error) => {
    assert(error instanceof PermanentError);
    assert.match(error.message, /the redrive of dead letters .*newer tributary/);
    return true;
  });
});

Deno.test("listRedriven counts the redrives of each record, of all streams", async () => {
  const { store } = mapStore();
  const redrives = createObjectRedrives(store);
  for (const [key, seq, number] of [["a", 3, 0], ["a", 3, 1], ["a", 12, 0], ["b", 3, 0]] as const) {
    await redrives.put(key, { ...FIRST, seq, number });
  }
  await store.putIfAbsent("_tributary/redriven/a/note.txt", new Uint8Array(1));
  assert.deepEqual(await listRedriven(store), [
    { streamKey: "a", seq: 3, count: 2 },
    { streamKey: "a", seq: 12, count: 1 },
    { streamKey: "b", seq: 3, count: 1 },
  ]);
});
