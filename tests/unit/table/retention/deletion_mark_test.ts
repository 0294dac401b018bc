import assert from "node:assert/strict";
import { MemoryDestination } from "../../../../src/destination/memory_destination.ts";
import {
  listDeletions,
  putDeleted,
  putDeletionMark,
  readDeletionMark,
} from "../../../../src/table/retention/deletion_mark.ts";

const MARK = { v: 1, at: "2026-11-20T00:00:00.000Z", output: { bytes: 7, crc32: "0" } } as const;

Deno.test("the first mark counts, and what is not one is named", async () => {
  const store = new MemoryDestination();
  assert.equal(await readDeletionMark(store, "f", "ab"), undefined);
  assert.deepEqual(await putDeletionMark(store, "f", "ab", MARK), MARK);
  const late = { ...MARK, output: { bytes: 8, crc32: "1" } };
  assert.deepEqual(await putDeletionMark(store, "f", "ab", late), MARK);
  await store.replace("_tributary/compactions/f/ab.deleting.json", new Uint8Array([1]));
  await assert.rejects(readDeletionMark(store, "f", "ab"), /ab\.deleting\.json" cannot be read/);
});

Deno.test("listDeletions tells compactions, those that are marked, and those that are done", async () => {
  const store = new MemoryDestination();
  for (const name of ["ab.json", "cd.json", "begun/ef.json", "other.txt"]) {
    await store.putIfAbsent(`_tributary/compactions/f/${name}`, new Uint8Array([1]));
  }
  await putDeletionMark(store, "f", "ab", MARK);
  await putDeleted(store, "f", "cd", MARK.at);
  const { compactions, begun, done } = await listDeletions(store, "f");
  assert.deepEqual([compactions, [...begun], [...done]], [["ab", "cd"], ["ab"], ["cd"]]);
});
