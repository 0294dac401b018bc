import assert from "node:assert/strict";
import {
  checkpointKey,
  entryKey,
  listLog,
  putEntry,
  readLastCheckpoint,
  writeLastCheckpoint,
} from "../../../../src/table/delta/files.ts";
import { deltaStore, FOLDER, writeLog } from "../../../support/table_world.ts";

Deno.test("keys of a log have twenty digits", () => {
  assert.equal(entryKey("a", 12), "a/_delta_log/00000000000000000012.json");
  assert.equal(checkpointKey("a", 12), "a/_delta_log/00000000000000000012.checkpoint.parquet");
});

Deno.test("listLog finds entries and checkpoints from a version on, and passes over what it does not know", async () => {
  const store = deltaStore();
  await writeLog(store, 0, 5);
  await store.putIfAbsent(checkpointKey(FOLDER, 3), new Uint8Array(1));
  await store.putIfAbsent(`${FOLDER}/_delta_log/00000000000000000001.crc`, new Uint8Array(1));
  assert.deepEqual(await listLog(store, FOLDER, 0), {
    checkpoints: [3],
    versions: [0, 1, 2, 3, 4, 5],
  });
  assert.deepEqual(await listLog(store, FOLDER, 3), { checkpoints: [3], versions: [3, 4, 5] });
});

Deno.test("the hint of the newest checkpoint never goes back, and one that cannot be read is none", async () => {
  const store = deltaStore();
  assert.equal(await readLastCheckpoint(store, FOLDER), undefined);
  await writeLastCheckpoint(store, FOLDER, { version: 200, size: 1 });
  await writeLastCheckpoint(store, FOLDER, { version: 100, size: 1 });
  assert.equal(await readLastCheckpoint(store, FOLDER), 200);
  await store.replace(`${FOLDER}/_delta_log/_last_checkpoint`, new TextEncoder().encode("{"));
  assert.equal(await readLastCheckpoint(store, FOLDER), undefined);
});

Deno.test("putEntry leaves alone what is there", async () => {
  const store = deltaStore();
  assert.equal(await putEntry(store, FOLDER, 0, new Uint8Array([1])), "created");
  assert.equal(await putEntry(store, FOLDER, 0, new Uint8Array([2])), "exists");
});
