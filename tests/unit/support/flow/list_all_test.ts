import assert from "node:assert/strict";
import { MemoryDestination } from "../../../../src/destination/memory_destination.ts";
import { listAll } from "../../../../src/support/flow/list_all.ts";

Deno.test("listAll lists more than one page, and from a key on", async () => {
  const destination = new MemoryDestination();
  for (let i = 0; i < 2300; i++) await destination.putIfAbsent(`p/${i}`, new Uint8Array());
  assert.equal((await listAll(destination, "p/")).length, 2300);
  const last = await listAll(destination, "p/", "p/997");
  assert.deepEqual(last, ["p/998", "p/999"]);
  assert.equal((await listAll(destination, "p/", "p/1")).length, 2298);
});
