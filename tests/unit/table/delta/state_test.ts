import assert from "node:assert/strict";
import { checkpointKey, entryKey } from "../../../../src/table/delta/files.ts";
import {
  afterEntry,
  assertOurs,
  loadDelta,
  refreshDelta,
} from "../../../../src/table/delta/state.ts";
import { keepCheckpoints } from "../../../../src/table/delta/upkeep.ts";
import { deltaStore, FOLDER, writeLog } from "../../../support/table_world.ts";

const NAME = { database: "shop", collection: "orders" };

Deno.test("a table read from its checkpoint is the one read from its entries, also where these are gone", async () => {
  const store = deltaStore();
  assert.equal(await loadDelta(store, FOLDER), undefined);
  await writeLog(store, 0, 120);
  const all = (await loadDelta(store, FOLDER))!;
  assert.equal(await keepCheckpoints(store, FOLDER, all, 0), 120);
  await writeLog(store, 121, 123);
  for (let version = 0; version < 120; version++) await store.remove(entryKey(FOLDER, version));
  const read = (await loadDelta(store, FOLDER))!;
  assert.deepEqual(read.txns, new Map([["s@l", 123], ["s@l#record", 2 ** 52 - 123]]));
  assert.deepEqual([read.version, read.checkpoint], [123, 120]);
  assert.deepEqual(read.protocol, all.protocol);
  assert.deepEqual(read.metaData, all.metaData);
  assert.doesNotThrow(() => assertOurs(FOLDER, NAME, read));
});

Deno.test("the hint of a checkpoint may be missing, or name one that is gone", async () => {
  const store = deltaStore();
  await writeLog(store, 0, 120);
  await keepCheckpoints(store, FOLDER, (await loadDelta(store, FOLDER))!, 0);
  const hint = `${FOLDER}/_delta_log/_last_checkpoint`;
  await store.remove(hint);
  assert.equal((await loadDelta(store, FOLDER))!.checkpoint, 120);
  await store.replace(hint, new TextEncoder().encode('{"version":120,"size":1}'));
  await store.remove(checkpointKey(FOLDER, 120));
  const read = (await loadDelta(store, FOLDER))!;
  assert.deepEqual([read.version, read.checkpoint], [120, -1]);
});

Deno.test("refreshDelta reads on, and sees that the last entry is another one", async () => {
  const store = deltaStore();
  await writeLog(store, 0, 3);
  const state = (await loadDelta(store, FOLDER))!;
  assert.equal(await refreshDelta(store, FOLDER, state), state);
  await writeLog(store, 4, 6);
  assert.equal((await refreshDelta(store, FOLDER, state))!.version, 6);
  await store.remove(entryKey(FOLDER, 3));
  assert.equal(await refreshDelta(store, FOLDER, state), undefined);
  await writeLog(store, 3, 3, () => 99);
  assert.equal(await refreshDelta(store, FOLDER, state), undefined);
});

Deno.test("a log with a hole, a broken checkpoint, or nothing that says what it is, cannot be read", async () => {
  const store = deltaStore();
  await writeLog(store, 0, 4);
  await store.remove(entryKey(FOLDER, 2));
  await assert.rejects(loadDelta(store, FOLDER), /its log lacks the entry 2/);
  await writeLog(store, 2, 2);
  await store.putIfAbsent(checkpointKey(FOLDER, 3), new Uint8Array(20));
  await assert.rejects(loadDelta(store, FOLDER), /its checkpoint 3 cannot be read/);
  assert.throws(() => afterEntry(FOLDER, undefined, []), /does not say what kind of table it is/);
});
