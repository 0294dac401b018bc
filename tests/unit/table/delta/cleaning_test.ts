import assert from "node:assert/strict";
import { cleanLog } from "../../../../src/table/delta/cleaning.ts";
import { listLog } from "../../../../src/table/delta/files.ts";
import { loadDelta } from "../../../../src/table/delta/state.ts";
import { keepCheckpoints } from "../../../../src/table/delta/upkeep.ts";
import { deltaStore, FOLDER, writeLog } from "../../../support/table_world.ts";

const HOUR_MS = 3_600_000;

Deno.test("entries go that lie before a checkpoint of a week ago, and none else", async () => {
  const store = deltaStore();
  for (const [first, last] of [[0, 99], [100, 199], [200, 299]] as const) {
    await writeLog(store, first, last, (version) => version * HOUR_MS);
    // No time has passed yet.
    await keepCheckpoints(store, FOLDER, (await loadDelta(store, FOLDER))!, 0);
  }
  const before = await loadDelta(store, FOLDER);
  const cleanAt = async (nowMs: number) => {
    await cleanLog(store, FOLDER, 299, nowMs);
    const { checkpoints, versions } = await listLog(store, FOLDER, 0);
    return [versions[0], versions.length, ...checkpoints];
  };
  const week = 7 * 24 * HOUR_MS;
  assert.deepEqual(await cleanAt(99 * HOUR_MS + week), [0, 300, 99, 199, 299]);
  assert.deepEqual(await cleanAt(99 * HOUR_MS + week + 1), [99, 201, 99, 199, 299]);
  assert.deepEqual(await cleanAt(1000 * week), [199, 101, 199, 299]);
  assert.deepEqual(await loadDelta(store, FOLDER), before);
});
