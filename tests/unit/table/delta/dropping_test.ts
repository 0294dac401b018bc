import assert from "node:assert/strict";
import { dropLog } from "../../../../src/table/delta/dropping.ts";
import { listLog } from "../../../../src/table/delta/files.ts";
import { deltaStore, FOLDER, writeLog } from "../../../support/table_world.ts";

Deno.test("a log goes from its end, and takes with it what a copy at work puts behind it meanwhile", async () => {
  const store = deltaStore();
  await writeLog(store, 0, 4);
  const removed: string[] = [];
  await dropLog({
    ...store,
    async remove(key) {
      removed.push(key);
      if (removed.length === 2) await writeLog(store, 5, 5);
      await store.remove(key);
    },
  }, FOLDER);
  assert.deepEqual(removed, [...removed.slice(0, 5).toSorted().toReversed(), removed[5]]);
  assert.deepEqual(await listLog(store, FOLDER, 0), { checkpoints: [], versions: [] });
});

Deno.test("a table that was begun anew meanwhile stays", async () => {
  const store = deltaStore();
  await writeLog(store, 0, 4);
  let left = 5;
  await dropLog({
    ...store,
    async remove(key) {
      await store.remove(key);
      if (--left === 0) await writeLog(store, 0, 1);
    },
  }, FOLDER);
  assert.deepEqual((await listLog(store, FOLDER, 0)).versions, [0, 1]);
});
