import assert from "node:assert/strict";
import { putEntry } from "../../../../src/table/delta/files.ts";
import { loadDelta } from "../../../../src/table/delta/state.ts";
import { filesAt, keepCheckpoints } from "../../../../src/table/delta/upkeep.ts";
import { encodePath } from "../../../../src/table/delta/actions.ts";
import { deltaStore, fileNumber, FOLDER, writeLog } from "../../../support/table_world.ts";

const DAY_MS = 24 * 3_600_000;

Deno.test("a checkpoint comes each hundred entries, and the files are those of the entries", async () => {
  const store = deltaStore();
  await writeLog(store, 0, 99);
  const early = (await loadDelta(store, FOLDER))!;
  assert.equal(await keepCheckpoints(store, FOLDER, early, 0), 99);
  await writeLog(store, 100, 150);
  assert.equal(await keepCheckpoints(store, FOLDER, (await loadDelta(store, FOLDER))!, 0), 99);
  await writeLog(store, 151, 210);
  const late = (await loadDelta(store, FOLDER))!;
  assert.equal(await keepCheckpoints(store, FOLDER, late, 0), 210);
  const { there } = await filesAt(store, FOLDER, (await loadDelta(store, FOLDER))!);
  const paths = Array.from({ length: 211 }, (_, i) => encodePath(fileNumber(i).path));
  assert.deepEqual([...there.keys()], paths);
});

Deno.test("files that were removed are not in a table, and are remembered for a week", async () => {
  const store = deltaStore();
  await writeLog(store, 0, 100);
  const path = encodePath(fileNumber(3).path);
  const remove = { path, deletionTimestamp: 1000, dataChange: true };
  await putEntry(store, FOLDER, 101, new TextEncoder().encode(JSON.stringify({ remove })));
  const goneAt = async (nowMs: number, version: number) => {
    const state = { ...(await loadDelta(store, FOLDER))!, version, checkpoint: -1 };
    await store.remove(
      `${FOLDER}/_delta_log/${String(version).padStart(20, "0")}.checkpoint.parquet`,
    );
    await keepCheckpoints(store, FOLDER, state, nowMs);
    const files = await filesAt(store, FOLDER, { version, checkpoint: version });
    assert(!files.there.has(path));
    return [...files.gone.keys()];
  };
  assert.deepEqual(await goneAt(DAY_MS, 101), [path]);
  assert.deepEqual(await goneAt(8 * DAY_MS, 101), []);
});
