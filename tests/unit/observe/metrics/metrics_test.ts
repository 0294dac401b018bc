import assert from "node:assert/strict";
import type { CoordinateEvent } from "../../../../src/coordinate/events.ts";
import type { Monitor } from "../../../../src/observe/monitor.ts";
import type { ReadingFacts } from "../../../../src/observe/status/reading.ts";
import { CARTS, newMonitor, ORDERS, readingEvents, secondsAgo } from "../../../support/monitor.ts";

const EVERYWHERE = 'instance_id="host-1-5f0e",instance_name="host-1",pipeline="lake/shop"';

/** The value of the metric with exactly these labels beside those of all; undefined where there is none. */
async function valueOf(monitor: Monitor, name: string, labels = ""): Promise<number | undefined> {
  const { text } = await monitor.metrics(null);
  const prefix = `tributary_${name}{${labels === "" ? "" : labels + ","}${EVERYWHERE}} `;
  const line = text.split("\n").find((each) => each.startsWith(prefix));
  return line === undefined ? undefined : Number(line.slice(prefix.length));
}

Deno.test("Metrics show how far streams are behind, and the least oplog they have", async () => {
  const { monitor, clock } = newMonitor();
  await using _ = monitor;
  await clock.settle();
  for (const event of readingEvents(clock)) monitor.pipelineEvent(ORDERS, event);
  const highWater = secondsAgo(clock, 2).operationTime;
  const first = secondsAgo(clock, 6).operationTime;
  const read = { type: "reply-read", events: 5, bytes: 9, waitMs: 1, highWater, first } as const;
  monitor.pipelineEvent(ORDERS, read);
  const stream = 'stream="collection:shop.orders"';
  assert.equal(await valueOf(monitor, "replication_lag_seconds", stream), 2);
  assert.equal(await valueOf(monitor, "lake_lag_seconds", stream), 6);
  assert.equal(await valueOf(monitor, "resume_token_age_seconds", stream), 10);
  assert.equal(await valueOf(monitor, "oplog_headroom_seconds", stream), 3590);
  assert.equal(await valueOf(monitor, "oplog_window_seconds"), 3600);
  assert.equal(await valueOf(monitor, "stream_generation", stream), 3);
  assert.equal(await valueOf(monitor, "buffered_events"), 5);
});

Deno.test("Metrics forget a stream that went elsewhere", async () => {
  const { monitor, clock } = newMonitor();
  await using _ = monitor;
  for (const event of readingEvents(clock)) monitor.pipelineEvent(ORDERS, event);
  const stream = 'stream="collection:shop.orders"';
  assert.equal(await valueOf(monitor, "active_streams"), 1);
  assert.equal(await valueOf(monitor, "replication_lag_seconds", stream), 10);
  monitor.pipelineEvent(ORDERS, { type: "stream-stopped" });
  assert.equal(await valueOf(monitor, "active_streams"), 0);
  assert.equal(await valueOf(monitor, "replication_lag_seconds", stream), undefined);
});

Deno.test("Metrics tell streams that are read from those that were taken", async () => {
  const { monitor, clock } = newMonitor();
  await using _ = monitor;
  for (const event of readingEvents(clock)) monitor.pipelineEvent(ORDERS, event);
  monitor.pipelineEvent(CARTS, { type: "stream-started", generation: 1 });
  assert.equal(await valueOf(monitor, "active_streams"), 1);
  assert.equal(await valueOf(monitor, "active_workers"), 2);
});

Deno.test("Metrics show what the program was given and how it uses it", async () => {
  const { monitor, clock } = newMonitor({
    loops: () => [{ name: "slow", lastTurnMs: -4000 }, { name: "quick", lastTurnMs: 0 }],
    paused: () => [CARTS],
  });
  await using _ = monitor;
  await clock.settle();
  assert.equal(await valueOf(monitor, "memory_budget_bytes"), 1000);
  assert.equal(await valueOf(monitor, "buffered_bytes"), 10);
  assert.equal(await valueOf(monitor, "loop_turn_age_seconds"), 4);
  assert.equal(await valueOf(monitor, "streams_paused"), 1);
  assert.equal(await valueOf(monitor, "build_info", 'version="1.2.3"'), 1);
  assert.equal(await valueOf(monitor, "dependency_up", 'dependency="mongodb"'), 1);
  assert.equal(await valueOf(monitor, "dependency_up", 'dependency="redis"'), undefined);
  monitor.destinationFailed("503", true);
  assert.equal(await valueOf(monitor, "dependency_up", 'dependency="destination"'), 0);
  assert.equal(await valueOf(monitor, "write_errors_total", 'database="",collection=""'), 1);
  const key = "coll=orders/collection.shop.orders-5f0c2a91-42-0.parquet";
  monitor.destinationFailed("503", false, false, key);
  const orders = 'database="shop",collection="orders"';
  assert.equal(await valueOf(monitor, "write_errors_total", orders), 1);
  assert.equal(await valueOf(monitor, "retries_total", 'stage="destination"'), 1);
});

Deno.test("Metrics count leases, and those held now", async () => {
  const { monitor } = newMonitor();
  await using _ = monitor;
  const base = { stream: "a", generation: 1 };
  const events: CoordinateEvent[] = [
    { type: "lock-acquired", ...base },
    { type: "lock-acquired", stream: "b", generation: 1 },
    { type: "lock-acquired", stream: "c", generation: 1 },
    { type: "locks-refreshed", streams: ["a", "b"] },
    { type: "lock-acquisition-failed", stream: "d", reason: "held" },
    { type: "lock-released", ...base, reason: "handed-over", heldMs: 70_000, drainMs: 300 },
    { type: "lock-lost", stream: "b", generation: 1, reason: "expired", heldMs: 5000 },
    { type: "lock-release-failed", stream: "c", generation: 1, reason: "away", heldMs: 0 },
    { type: "members-changed", instances: ["x", "y", "z"] },
  ];
  for (const event of events) monitor.coordinateEvent(event);
  assert.equal(await valueOf(monitor, "locks_held_total"), 0);
  assert.equal(await valueOf(monitor, "lock_acquisitions_total"), 3);
  assert.equal(await valueOf(monitor, "lock_acquisition_failures_total", 'reason="held"'), 1);
  assert.equal(await valueOf(monitor, "lock_acquisition_failures_total", 'reason="error"'), 0);
  assert.equal(await valueOf(monitor, "lock_refreshes_total"), 2);
  assert.equal(await valueOf(monitor, "locks_released_total"), 1);
  assert.equal(await valueOf(monitor, "locks_lost_total"), 1);
  assert.equal(await valueOf(monitor, "lock_handover_seconds_sum"), 0.3);
  assert.equal(await valueOf(monitor, "lock_hold_duration_seconds_sum"), 75);
  assert.equal(await valueOf(monitor, "instances"), 3);
});

Deno.test("Metrics show streams beyond the limit together, the worst of each", async () => {
  const { monitor, clock } = newMonitor();
  await using _ = monitor;
  await clock.settle();
  for (let i = 0; i < 1002; i++) {
    const name = `collection:shop.c${String(i).padStart(4, "0")}`;
    const position = secondsAgo(clock, i);
    monitor.pipelineEvent({ key: name, name }, { type: "journal-opened", seq: 1, position });
  }
  assert.equal(await valueOf(monitor, "replication_lag_seconds", 'stream="_other"'), 1001);
  assert.equal(await valueOf(monitor, "oplog_headroom_seconds", 'stream="_other"'), 3600 - 1001);
});

Deno.test("Metrics show also what nobody has, and how many streams fail now", async () => {
  const { monitor, clock } = newMonitor({ wanted: () => [ORDERS] });
  await using _ = monitor;
  await clock.settle();
  for (const event of readingEvents(clock)) monitor.pipelineEvent(ORDERS, event);
  monitor.pipelineEvent(ORDERS, { type: "stream-stopped" });
  await clock.advance(5000);
  const stream = 'stream="collection:shop.orders"';
  assert.equal(await valueOf(monitor, "replication_lag_seconds", stream), 15);
  assert.equal(await valueOf(monitor, "lake_lag_seconds", stream), 15);
  // The oldest entry was last asked for half a second ago, and had moved on with the clock.
  assert.equal(await valueOf(monitor, "oplog_headroom_seconds", stream), 3585.5);
  assert.equal(await valueOf(monitor, "stream_generation", stream), undefined);
  const failing = (permanent: string) =>
    valueOf(monitor, "streams_failing", `permanent="${permanent}"`);
  assert.deepEqual([await failing("true"), await failing("false")], [0, 0]);
  const failed = { type: "stream-failed", error: "no", permanent: true, retryMs: 1 } as const;
  monitor.pipelineEvent(ORDERS, failed);
  monitor.pipelineEvent(CARTS, { ...failed, permanent: false });
  assert.deepEqual([await failing("true"), await failing("false")], [1, 1]);
});

Deno.test("Metrics count a paused stream, and what is lost of one that nobody has, on the first of the instances only", async () => {
  const other = { name: "n", version: "1", since: "2026", leaving: false, streams: 0, failed: 0 };
  const losses = { gaps: 1, voidedObjects: 0, deadLetters: 0, acceptedRecords: 0 };
  for (const [id, paused] of [["host-0-1", 0], ["host-2-1", 1]] as const) {
    const view = { instances: [{ ...other, id }, { ...other, id: "host-1-5f0e" }], streams: [] };
    const { monitor, clock } = newMonitor({
      paused: () => [ORDERS],
      unheldLosses: () => [{ ...CARTS, losses }],
      fleet: { tell: () => Promise.resolve(), view: () => Promise.resolve(view) },
    });
    await using _ = monitor;
    await clock.settle();
    assert.equal(await valueOf(monitor, "streams_paused"), paused);
    const gaps = await valueOf(monitor, "lake_gaps", `stream="${CARTS.name}"`);
    assert.equal(gaps, paused === 1 ? 1 : undefined);
  }
});

Deno.test("Metrics show what is lost of the streams that are held, as far as nobody has accepted it", async () => {
  const { monitor, clock } = newMonitor();
  await using _ = monitor;
  for (const event of readingEvents(clock)) monitor.pipelineEvent(ORDERS, event);
  const stream = 'stream="collection:shop.orders"';
  const losses = async () => [
    await valueOf(monitor, "lake_gaps", stream),
    await valueOf(monitor, "lake_voided_objects", stream),
    await valueOf(monitor, "lake_dead_letters", stream),
    await valueOf(monitor, "lake_losses_accepted", stream),
  ];
  assert.deepEqual(await losses(), [undefined, undefined, undefined, undefined]);
  const known = { gaps: 1, voidedObjects: 3, deadLetters: 7, acceptedRecords: 2, seq: 90 };
  monitor.pipelineEvent(ORDERS, { type: "losses-known", ...known });
  assert.deepEqual(await losses(), [1, 3, 7, 2]);
  monitor.pipelineEvent(ORDERS, { type: "losses-known", ...known, gaps: 0 });
  assert.deepEqual(await losses(), [0, 3, 7, 2]);
  monitor.pipelineEvent(ORDERS, { type: "stream-stopped" });
  assert.deepEqual(await losses(), [undefined, undefined, undefined, undefined]);
});

Deno.test("Metrics show by how many change streams streams are read, and count who is read alone", async () => {
  let readers: ReadingFacts["readers"] = [
    { form: "database shop", members: ["a", "b", "c"] },
    { form: "collection", members: ["d"], alone: "slow" },
  ];
  const { monitor } = newMonitor({ reading: () => ({ readers, waiting: [] }) });
  await using _ = monitor;
  assert.equal(await valueOf(monitor, "change_streams"), 2);
  assert.equal(await valueOf(monitor, "change_stream_members", 'alone=""'), 3);
  assert.equal(await valueOf(monitor, "change_stream_members", 'alone="slow"'), 1);
  readers = readers.slice(0, 1);
  assert.equal(await valueOf(monitor, "change_streams"), 1);
  assert.equal(await valueOf(monitor, "change_stream_members", 'alone="slow"'), undefined);

  const counted = async () => [
    await valueOf(monitor, "streams_read_alone_total", 'reason="slow"'),
    await valueOf(monitor, "streams_read_alone_total", 'reason="failed"'),
    await valueOf(monitor, "retries_total", 'stage="source"'),
  ];
  assert.deepEqual(await counted(), [0, 0, 0]);
  monitor.readingEvent({ type: "reads-alone", stream: "d", why: "slow" });
  monitor.readingEvent({ type: "group-lost", members: 3, reason: "gone" });
  monitor.readingEvent({ type: "not-shared", form: "database shop" });
  assert.deepEqual(await counted(), [1, 0, 1]);
});
