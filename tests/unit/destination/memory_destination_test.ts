import assert from "node:assert/strict";
import { MemoryDestination } from "../../../src/destination/memory_destination.ts";

Deno.test("MemoryDestination gives away copies only", async () => {
  const destination = new MemoryDestination();
  await destination.putIfAbsent("a", new Uint8Array([1, 2]));
  (await destination.get("a"))!.fill(9);
  assert.deepEqual(await destination.get("a"), new Uint8Array([1, 2]));
});

Deno.test("MemoryDestination lists more keys than one page in their order", async () => {
  const destination = new MemoryDestination();
  const keys = Array.from({ length: 50 }, (_, i) => `k/${String(i * 7 % 50).padStart(2, "0")}`);
  for (const key of keys) await destination.putIfAbsent(key, new Uint8Array(0));
  const listed = await destination.list("k/", { limit: 20, startAfter: "k/09" });
  assert.deepEqual(listed, keys.toSorted().slice(10, 30));
});
