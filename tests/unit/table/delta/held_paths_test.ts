import assert from "node:assert/strict";
import { encodePath } from "../../../../src/table/delta/actions.ts";
import { entryKey } from "../../../../src/table/delta/files.ts";
import { HeldPaths } from "../../../../src/table/delta/held_paths.ts";
import { loadDelta } from "../../../../src/table/delta/state.ts";
import { MemoryDestination } from "../../../../src/destination/memory_destination.ts";
import { deltaStore, fileNumber, FOLDER, writeLog } from "../../../support/table_world.ts";

const pathOf = (number: number) => encodePath(fileNumber(number).path);

Deno.test("what a table has is kept up with its log, by the entries behind alone", async () => {
  const destination = new MemoryDestination();
  const store = deltaStore(destination);
  await writeLog(store, 0, 3);
  const reads: string[] = [];
  const counted = { ...store, get: (key: string) => (reads.push(key), store.get(key)) };
  const held = new HeldPaths(counted, FOLDER, [0, 1, 2, 3].map(pathOf), 3);
  await writeLog(store, 4, 6);
  await held.bringTo((await loadDelta(store, FOLDER))!);
  assert.deepEqual(reads, [4, 5, 6].map((version) => entryKey(FOLDER, version)));
  assert(held.has(pathOf(6)) && held.has(pathOf(0)) && !held.has(pathOf(7)));
  held.apply([{ remove: { path: pathOf(6), dataChange: false } }]);
  assert(!held.has(pathOf(6)));
});

Deno.test("a log that is shorter than it was, or was cleaned, is read anew", async () => {
  const destination = new MemoryDestination();
  const store = deltaStore(destination);
  await writeLog(store, 0, 3);
  const state = (await loadDelta(store, FOLDER))!;
  const held = new HeldPaths(store, FOLDER, [pathOf(9)], 9);
  await held.bringTo(state);
  assert(!held.has(pathOf(9)) && held.has(pathOf(3)));
});
