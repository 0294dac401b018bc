import assert from "node:assert/strict";
import { MemoryDestination } from "../../../src/destination/memory_destination.ts";
import { createObjectLayouts } from "../../../src/journal/object_layouts.ts";
import { PermanentError } from "../../../src/model/errors.ts";
import { positionAt } from "../../../src/model/position.ts";
import { mapStore } from "../../contract/journal_map_store.ts";

const TARGET = "collection.shop.orders";
const LAYOUT = { epoch: 2, of: 4, barrier: positionAt({ t: 1_763_690_000, i: 7 }) };

Deno.test("createObjectLayouts() reads back what was written, and nothing before", async () => {
  const layouts = createObjectLayouts(new MemoryDestination());
  assert.equal(await layouts.read(TARGET, 2), undefined);
  assert.equal(await layouts.readIntent(TARGET, 2), undefined);
  assert.deepEqual(await layouts.putIntent(TARGET, { epoch: 2, of: 4 }), { epoch: 2, of: 4 });
  assert.deepEqual(await layouts.put(TARGET, LAYOUT), LAYOUT);
  assert.deepEqual(await layouts.read(TARGET, 2), LAYOUT);
  assert.deepEqual(await layouts.readIntent(TARGET, 2), { epoch: 2, of: 4 });
});

Deno.test("createObjectLayouts() lets the first write count", async () => {
  const layouts = createObjectLayouts(new MemoryDestination());
  await layouts.put(TARGET, LAYOUT);
  assert.deepEqual(await layouts.put(TARGET, { ...LAYOUT, of: 9 }), LAYOUT);
  await layouts.putIntent(TARGET, { epoch: 3, of: 5 });
  assert.deepEqual(await layouts.putIntent(TARGET, { epoch: 3, of: 6 }), { epoch: 3, of: 5 });
});

Deno.test("createObjectLayouts() writes where people look, and refuses what it does not know", async () => {
  const store = new MemoryDestination();
  const layouts = createObjectLayouts(store);
  await layouts.put(TARGET, LAYOUT);
  const key = `_tributary/layout/${TARGET}/2.json`;
  assert.ok(await store.get(key));
  const newer = new TextEncoder().encode(JSON.stringify({ v: 2, epoch: 3 }));
  await store.putIfAbsent(`_tributary/layout/${TARGET}/3.json`, newer);
  await assert.rejects(layouts.read(TARGET, 3), PermanentError);
});

Deno.test("createObjectLayouts().newestEpochs() tells the newest of each target, intended or fixed", async () => {
  const store = new MemoryDestination();
  const layouts = createObjectLayouts(store);
  assert.deepEqual(await layouts.newestEpochs(), new Map());
  for (const epoch of [1, 2, 10]) await layouts.put(TARGET, { ...LAYOUT, epoch });
  await layouts.putIntent(TARGET, { epoch: 11, of: 4 });
  await layouts.putIntent("database.shop", { epoch: 1, of: 0 });
  await store.putIfAbsent("_tributary/layout/database.shop/notes.txt", new Uint8Array(1));
  assert.deepEqual(await layouts.newestEpochs(), new Map([[TARGET, 11], ["database.shop", 1]]));
});

Deno.test("createObjectLayouts().newestEpochs() sees all of a lake with more layouts than a page has keys", async () => {
  const { store, files } = mapStore();
  for (let i = 0; i < 2500; i++) {
    files.set(`_tributary/layout/collection.shop.c${i}/${i + 1}.intent.json`, new Uint8Array(1));
  }
  const newest = await createObjectLayouts(store).newestEpochs();
  assert.equal(newest.size, 2500);
  assert.equal(newest.get("collection.shop.c2499"), 2500);
});
