import assert from "node:assert/strict";
import { createMemoryLeases } from "../../../src/coordinate/memory_leases.ts";

Deno.test("createMemoryLeases gives a stream to one holder at a time", async () => {
  const leases = createMemoryLeases("host-1");
  const lease = await leases.acquire("deployment");
  assert(lease !== undefined);
  assert.equal(lease.owner, "host-1");
  assert.equal(lease.isValid(), true);
  assert.equal(await leases.acquire("deployment"), undefined);
  assert.notEqual(await leases.acquire("database.shop"), undefined);
});

Deno.test("a released memory lease is over, and the next has a higher generation", async () => {
  const leases = createMemoryLeases("host-1");
  const first = await leases.acquire("deployment");
  assert.equal(first?.generation, 1);
  await first.release();
  assert.equal(first.isValid(), false);
  assert.equal(first.signal.aborted, true);
  assert.match(String(first.signal.reason), /^FencedError: The lease of "deployment" was released/);
  assert.equal((await leases.acquire("deployment"))?.generation, 2);
});

Deno.test("releasing a memory lease twice does not take it from its next holder", async () => {
  const leases = createMemoryLeases("host-1");
  const first = await leases.acquire("deployment");
  await first?.release();
  const second = await leases.acquire("deployment");
  await first?.release();
  assert.equal(second?.isValid(), true);
  assert.equal(await leases.acquire("deployment"), undefined);
});
