import assert from "node:assert/strict";
import { MemoryDestination } from "../../../src/destination/memory_destination.ts";
import { createObjectLayouts } from "../../../src/journal/object_layouts.ts";
import { PermanentError } from "../../../src/model/errors.ts";
import { positionAt } from "../../../src/model/position.ts";

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
