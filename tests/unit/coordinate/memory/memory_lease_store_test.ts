import assert from "node:assert/strict";
import { ChangeCounter } from "../../../../src/coordinate/memory/change_counter.ts";
import { createMemoryLeaseStore } from "../../../../src/coordinate/memory/memory_lease_store.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const A = { owner: "a", instance: "a", since: "" };
const B = { owner: "b", instance: "b", since: "" };

Deno.test("createMemoryLeaseStore lets a lease expire exactly at the end of its TTL", async () => {
  const clock = new VirtualClock();
  const store = createMemoryLeaseStore(clock, new ChangeCounter());
  assert.equal(await store.take("x", A, 1000), 1);
  await clock.advance(999);
  assert.equal((await store.list())[0]?.leftMs, 1);
  assert.equal(await store.take("x", B, 1000), undefined);
  await clock.advance(1);
  assert.deepEqual(await store.list(), []);
  assert.equal(await store.refresh("x", { ...A, generation: 1 }, 1000), "gone");
  assert.equal(await store.take("x", B, 1000), 2);
});

Deno.test("createMemoryLeaseStore keeps a lease with an endless TTL for ever", async () => {
  const clock = new VirtualClock();
  const store = createMemoryLeaseStore(clock, new ChangeCounter());
  assert.equal(await store.take("x", A, Infinity), 1);
  await clock.advance(1e12);
  assert.equal((await store.list())[0]?.leftMs, Infinity);
});
