import assert from "node:assert/strict";
import { newMonitor, objectStored, ORDERS, readingEvents } from "../../support/monitor.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

Deno.test("Monitor shows a stream whose lease is over as nobody's, though it has not stopped yet", async () => {
  const clock = new VirtualClock();
  const { monitor } = newMonitor({ clock, wanted: () => [ORDERS], leaseTtlMs: 30_000 });
  await using _ = monitor;
  await clock.settle();
  monitor.setPhase("running");
  for (const event of readingEvents(clock)) monitor.pipelineEvent(ORDERS, event);
  assert.equal(monitor.readiness().ready, true);
  monitor.coordinateEvent({ type: "store-away", reason: "refused" });
  const lost = { type: "lock-lost", generation: 3, reason: "over", heldMs: 9 } as const;
  monitor.coordinateEvent({ ...lost, stream: ORDERS.key });
  const row = () => {
    const [stream] = monitor.status().streams;
    return [stream?.condition, stream?.owner, stream?.lakeLagSeconds];
  };
  assert.deepEqual(row(), ["free", null, 10]);
  assert.deepEqual(monitor.readiness().reasons, [
    "leases cannot be reached, and no stream runs here",
  ]);
  // What it still does on its way out changes nothing.
  monitor.pipelineEvent(ORDERS, objectStored("shop", "orders"));
  monitor.pipelineEvent(ORDERS, { type: "stream-stopped" });
  assert.deepEqual(row(), ["free", null, 10]);
  monitor.coordinateEvent({ type: "store-back", awayMs: 9 });
  for (const event of readingEvents(clock)) monitor.pipelineEvent(ORDERS, event);
  assert.deepEqual(row(), ["running", "host-1", 10]);
});

Deno.test("Monitor stays ready while it takes over a stream, for as long as that takes at most", async () => {
  const { monitor, clock } = newMonitor();
  await using _ = monitor;
  await clock.settle();
  monitor.setPhase("running");
  const take = () => monitor.pipelineEvent(ORDERS, { type: "stream-started", generation: 3 });
  const isReady = () => monitor.readiness().ready;
  // Nobody has said yet that all is well.
  take();
  assert.equal(isReady(), false);
  monitor.pipelineEvent(ORDERS, { type: "stream-stopped" });
  assert.equal(isReady(), true);
  take();
  await clock.advance(9000);
  assert.equal(isReady(), true);
  await clock.advance(1000);
  assert.equal(isReady(), false);
  monitor.pipelineEvent(ORDERS, { type: "stream-stopped" });
  assert.equal(isReady(), true);
  take();
  monitor.pipelineEvent(ORDERS, { type: "source-lost", reason: "gone" });
  assert.equal(isReady(), false);
});
