import assert from "node:assert/strict";
import { MemoryDestination } from "../../../src/destination/memory_destination.ts";
import { findJournalRange } from "../../../src/journal/journal_range.ts";
import { recordKey, tipKey } from "../../../src/journal/journal_keys.ts";

Deno.test("findJournalRange finds both ends, whatever is missing", async () => {
  const upTo = (last: number) => Array.from({ length: last + 1 }, (_, seq) => seq);
  const without = (last: number, ...gone: number[]) => upTo(last).filter((s) => !gone.includes(s));
  const cases: [number[], object | undefined][] = [
    [[], undefined],
    [[0], { first: 0, last: 0 }],
    [upTo(1), { first: 0, last: 1 }],
    [upTo(100), { first: 0, last: 100 }],
    [without(10, 8), { first: 0, last: 10 }],
    [without(100, 64, 65, 66), { first: 0, last: 100 }],
    [without(100, 1), { first: 0, last: 100 }],
    [without(100, 0), { first: 1, last: 100 }],
    [without(100, ...upTo(49)), { first: 50, last: 100 }],
    [without(40, 2, 5, 9, 17, 33), { first: 0, last: 40 }],
    [[7], { first: 7, last: 7 }],
  ];
  for (const [seqs, range] of cases) {
    const store = await storeOf(seqs);
    assert.deepEqual(await findJournalRange(store, "deployment"), range, `${seqs}`);
  }
});

Deno.test("findJournalRange takes no tip for a record", async () => {
  const store = await storeOf([]);
  await store.putIfAbsent(tipKey("deployment", 999), new Uint8Array(1));
  assert.equal(await findJournalRange(store, "deployment"), undefined);
});

async function storeOf(seqs: number[]): Promise<MemoryDestination> {
  const store = new MemoryDestination();
  for (const seq of seqs) await store.putIfAbsent(recordKey("deployment", seq), new Uint8Array(1));
  return store;
}
