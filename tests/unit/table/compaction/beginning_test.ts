import assert from "node:assert/strict";
import { MemoryDestination } from "../../../../src/destination/memory_destination.ts";
import { putBeginning, readBeginning } from "../../../../src/table/compaction/beginning.ts";

const BEGINNING = {
  v: 1,
  compactions: [{ id: "0a", streams: { "collection.shop.orders": { from: 3, to: 9 } } }],
} as const;

Deno.test("what a table begins with is read as it was written", async () => {
  const store = new MemoryDestination();
  await putBeginning(store, "db=shop/coll=orders", "1f", BEGINNING);
  assert.deepEqual(await readBeginning(store, "db=shop/coll=orders", "1f"), BEGINNING);
  const [key] = await store.list("", { limit: 9 });
  assert.equal(key, "_tributary/compactions/db=shop/coll=orders/begun/1f.json");
});

Deno.test("without what a table has begun with nobody brings it further", async () => {
  const store = new MemoryDestination();
  const read = () => readBeginning(store, "f", "1f");
  await assert.rejects(read(), /what it has begun with is gone \(".*begun\/1f\.json"\); make it/);
  await store.putIfAbsent("_tributary/compactions/f/begun/1f.json", new Uint8Array([1]));
  await assert.rejects(read(), /what it has begun with \(".*"\) cannot be read/);
});
