import assert from "node:assert/strict";
import { STUCK_MS, UNHELD_MS_MAX } from "../../../../src/observe/status/health.ts";
import type { ObservedStream } from "../../../../src/observe/status/stream_board.ts";
import { CARTS, newMonitor, ORDERS, readingEvents, secondsAgo } from "../../../support/monitor.ts";

const failed = { type: "stream-failed", error: "no", retryMs: 1 } as const;

Deno.test("healthOf tells what a load balancer and a person ask", async () => {
  const { monitor, clock } = newMonitor();
  await using _ = monitor;
  await clock.settle();
  monitor.setPhase("running");
  for (const event of readingEvents(clock)) monitor.pipelineEvent(ORDERS, event);
  assert.deepEqual(monitor.health(), {
    status: "healthy",
    processing_status: "running",
    instance_id: "host-1-5f0e",
    version: "1.2.3",
    dependencies: { mongodb: "healthy", destination: "healthy" },
  });
});

Deno.test("healthOf is degraded while a service is away or a stream needs a person", async () => {
  const { monitor, clock } = newMonitor();
  await using _ = monitor;
  await clock.settle();
  monitor.pipelineEvent(ORDERS, { ...failed, permanent: false });
  assert.equal(monitor.health().status, "healthy");
  monitor.pipelineEvent(ORDERS, { ...failed, permanent: true });
  assert.equal(monitor.health().status, "degraded");
  monitor.pipelineEvent(ORDERS, { type: "stream-stopped" });
  assert.equal(monitor.health().status, "degraded");
  monitor.coordinateEvent({ type: "failing-changed", streams: [] });
  assert.equal(monitor.health().status, "healthy");
  monitor.destinationFailed("503", true);
  assert.equal(monitor.health().status, "degraded");
  assert.equal(monitor.health().dependencies.destination, "unhealthy");
});

Deno.test("healthOf is stuck when a loop no longer turns", async () => {
  const { monitor, clock } = newMonitor({ loops: () => [{ name: "a", lastTurnMs: 0 }] });
  await using _ = monitor;
  await clock.advance(STUCK_MS);
  assert.equal(monitor.health().status, "healthy");
  await clock.advance(1);
  assert.equal(monitor.health().status, "stuck");
});

Deno.test("healthOf names what the instance does", async () => {
  const { monitor } = newMonitor();
  await using _ = monitor;
  const processing = () => monitor.health().processing_status;
  assert.equal(processing(), "starting");
  monitor.setPhase("running");
  assert.equal(processing(), "standby");
  monitor.pipelineEvent(ORDERS, { ...failed, permanent: true });
  assert.equal(processing(), "failed");
  monitor.pipelineEvent(CARTS, { type: "stream-started", generation: 1 });
  assert.equal(processing(), "running");
  monitor.setPhase("stopping");
  assert.equal(processing(), "stopping");
});

Deno.test("readinessOf is for an instance without streams, once it runs", async () => {
  const { monitor } = newMonitor();
  await using _ = monitor;
  assert.deepEqual(monitor.readiness(), { ready: false, reasons: ["the instance is starting"] });
  monitor.setPhase("running");
  assert.deepEqual(monitor.readiness(), { ready: true, reasons: [] });
});

Deno.test("readinessOf wants all streams read, in time, and far from the oplog's end", async () => {
  const { monitor, clock } = newMonitor();
  await using _ = monitor;
  await clock.settle();
  monitor.setPhase("running");
  for (const event of readingEvents(clock)) monitor.pipelineEvent(ORDERS, event);
  assert.equal(monitor.readiness().ready, true);
  monitor.pipelineEvent(CARTS, { type: "stream-started", generation: 1 });
  const position = secondsAgo(clock, 3500);
  monitor.pipelineEvent(CARTS, { type: "journal-opened", seq: 1, position });
  await clock.advance(10_000);
  assert.deepEqual(monitor.readiness(), {
    ready: false,
    reasons: [
      "1 stream is not read",
      "1 stream is further behind than READY_MAX_LAG",
      "1 stream is near the end of the oplog",
    ],
  });
});

Deno.test("readinessOf is not ready without a stream when the leases cannot be reached for their TTL", async () => {
  const { monitor, clock } = newMonitor({ leaseTtlMs: 10_000 });
  await using _ = monitor;
  monitor.setPhase("running");
  const isReady = () => monitor.readiness().ready;
  // On standby it could have a stream at once.
  assert.equal(isReady(), true);
  monitor.coordinateEvent({ type: "store-away", reason: "ECONNREFUSED" });
  await clock.advance(9_999);
  assert.equal(isReady(), true);
  await clock.advance(1);
  const reason = "leases cannot be reached, and no stream runs here";
  assert.deepEqual(monitor.readiness(), { ready: false, reasons: [reason] });
  // A stream that runs all the same is what an instance is for.
  for (const event of readingEvents(clock)) monitor.pipelineEvent(ORDERS, event);
  assert.equal(isReady(), true);
  monitor.pipelineEvent(ORDERS, { type: "stream-stopped" });
  assert.equal(isReady(), false);
  monitor.coordinateEvent({ type: "store-back", awayMs: 10_000 });
  assert.equal(isReady(), true);
});

const TTL_MS = 30_000;

Deno.test("readinessOf goes by what is stored, though all is read in time", async () => {
  const { monitor, clock } = newMonitor({ batchAgeMsMax: () => 60_000 });
  await using _ = monitor;
  await clock.settle();
  monitor.setPhase("running");
  for (const event of readingEvents(clock)) monitor.pipelineEvent(ORDERS, event);
  const reply = { type: "reply-read", bytes: 9, waitMs: 1 } as const;
  const first = secondsAgo(clock, 0).operationTime;
  monitor.pipelineEvent(ORDERS, { ...reply, events: 1, highWater: first, first });
  await clock.advance(360_000);
  monitor.pipelineEvent(ORDERS, {
    ...reply,
    events: 0,
    highWater: secondsAgo(clock, 1).operationTime,
  });
  assert.deepEqual(monitor.readiness().reasons, []);
  await clock.advance(1000);
  assert.deepEqual(monitor.readiness().reasons, [
    "1 stream is stored later than READY_MAX_LAG and BATCH_TIMEOUT allow",
  ]);
});

Deno.test("readinessOf waits a minute for MongoDB and for the destination", async () => {
  const away = () => Promise.reject(new Error("refused"));
  const { monitor, clock } = newMonitor({ probes: { mongodb: away, destination: away } });
  await using _ = monitor;
  await clock.settle();
  monitor.setPhase("running");
  await clock.advance(60_000);
  assert.deepEqual(monitor.readiness(), { ready: true, reasons: [] });
  await clock.advance(1);
  assert.deepEqual(monitor.readiness().reasons, [
    "MongoDB has been away for longer than 60 s",
    "the destination has been away for longer than 60 s",
  ]);
});

Deno.test("readinessOf does not wait for a service that refuses: a person must act", async () => {
  const { monitor, clock } = newMonitor();
  await using _ = monitor;
  await clock.settle();
  monitor.setPhase("running");
  monitor.destinationFailed("no such key", true, true);
  assert.deepEqual(monitor.readiness().reasons, ["the destination refuses what it is asked for"]);
});

Deno.test("readinessOf waits at the start until each stream is somebody's or paused", async () => {
  const paused: ObservedStream[] = [];
  const options = { wanted: () => [ORDERS, CARTS], paused: () => paused };
  const { monitor, clock } = newMonitor(options);
  await using _ = monitor;
  await clock.settle();
  monitor.setPhase("running");
  assert.deepEqual(monitor.readiness().reasons, ["2 streams are held by no instance yet"]);
  for (const event of readingEvents(clock)) monitor.pipelineEvent(ORDERS, event);
  assert.deepEqual(monitor.readiness().reasons, ["1 stream is held by no instance yet"]);
  paused.push(CARTS);
  assert.equal(monitor.readiness().ready, true);
  // Later it may be in between two instances.
  paused.pop();
  assert.equal(monitor.readiness().ready, true);
});

Deno.test("readinessOf is over when no instance has a stream for long, unless it is paused", async () => {
  const paused = [ORDERS];
  const options = { wanted: () => [ORDERS], paused: () => paused, leaseTtlMs: TTL_MS };
  const { monitor, clock } = newMonitor(options);
  await using _ = monitor;
  monitor.setPhase("running");
  assert.equal(monitor.readiness().ready, true);
  paused.pop();
  assert.equal(monitor.readiness().ready, true);
  await clock.advance(TTL_MS + UNHELD_MS_MAX);
  assert.equal(monitor.readiness().ready, true);
  await clock.advance(1);
  assert.deepEqual(monitor.readiness().reasons, [
    "1 stream is held by no instance for longer than DISTRIBUTED_LOCK_TTL and 30 s",
  ]);
  // An instance of before may wait for this one to be ready before it goes.
  monitor.coordinateEvent({ type: "rival-changed", reason: "waits for host-0" });
  assert.equal(monitor.readiness().ready, true);
  monitor.coordinateEvent({ type: "rival-changed", reason: "" });
  assert.equal(monitor.readiness().ready, false);
  paused.push(ORDERS);
  assert.equal(monitor.readiness().ready, true);
});
