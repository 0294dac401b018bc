import assert from "node:assert/strict";
import {
  countCoordinateEvent,
  countPipelineEvent,
} from "../../../../src/observe/metrics/count_event.ts";
import { createInstruments } from "../../../../src/observe/metrics/instruments.ts";
import { LabelLimit } from "../../../../src/observe/metrics/label_limit.ts";
import type { PipelineEvent } from "../../../../src/pipeline/events.ts";
import { batchDurable, objectStored, secondsAgo } from "../../../support/monitor.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const clock = new VirtualClock();
const EVERYWHERE = { instance_id: "i", instance_name: "n", pipeline: "p" };

/** The values that are not 0 after these events, by name and labels. */
async function counted(
  events: readonly PipelineEvent[],
  collectionsMax = 10,
): Promise<Record<string, number>> {
  const instruments = createInstruments({ prefix: "t", everywhere: EVERYWHERE, clock });
  const collections = new LabelLimit(collectionsMax);
  for (const event of events) countPipelineEvent(instruments, event, collections);
  return nonZero((await instruments.render()).text);
}

function nonZero(text: string): Record<string, number> {
  const lines = text.split("\n").filter((line) => /^t_\S+ /.test(line) && !/_bucket\{/.test(line));
  const entries = lines.map((line) => {
    const bare = line.replace(/,?instance_id="i",instance_name="n",pipeline="p"/, "").replace(
      "{,",
      "{",
    ).replace("{}", "");
    const [name, value] = bare.split(" ");
    return [name!.slice("t_".length), Number(value)] as const;
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== 0));
}

Deno.test("countPipelineEvent counts stored events by namespace and operation", async () => {
  assert.deepEqual(await counted([objectStored("shop", "orders"), objectStored("shop", null)]), {
    'events_processed_total{database="shop",collection="orders",operation="insert"}': 2,
    'events_processed_total{database="shop",collection="orders",operation="update"}': 1,
    'events_processed_total{database="shop",collection="",operation="insert"}': 2,
    'events_processed_total{database="shop",collection="",operation="update"}': 1,
    objects_written_total: 2,
    destination_write_bytes_total: 1000,
    destination_write_duration_seconds_sum: 0.08,
    destination_write_duration_seconds_count: 2,
    'stage_duration_seconds_sum{stage="put"}': 0.08,
    'stage_duration_seconds_count{stage="put"}': 2,
  });
});

Deno.test("countPipelineEvent counts collections beyond the limit together", async () => {
  const values = await counted([
    objectStored("a", "b"),
    objectStored("c", "d"),
    objectStored("e", "f"),
  ], 1);
  const other = 'events_processed_total{database="_other",collection="_other",operation="insert"}';
  assert.equal(values[other], 4);
  assert.equal(values['events_processed_total{database="a",collection="b",operation="insert"}'], 2);
  assert.equal(
    values['events_processed_total{database="c",collection="d",operation="insert"}'],
    undefined,
  );
});

Deno.test("countPipelineEvent counts the way of a batch in seconds", async () => {
  const to = secondsAgo(clock, 0);
  const values = await counted([
    { type: "reply-read", events: 7, bytes: 70, waitMs: 500, highWater: to.operationTime },
    {
      type: "batch-encoded",
      rows: 3,
      rawBytes: 70,
      bytes: 50,
      encodeMs: 20,
      waitMs: 10,
      finishMs: 30,
      to,
    },
    { type: "record-appended", kind: "batch", seq: 1, to, appendMs: 30 },
    batchDurable(to),
  ]);
  assert.deepEqual(values, {
    events_read_total: 7,
    read_bytes_total: 70,
    'records_appended_total{kind="batch"}': 1,
    batches_written_total: 1,
    'batch_size_sum{database="shop",collection="orders"}': 3,
    'batch_size_count{database="shop",collection="orders"}': 1,
    batch_duration_seconds_sum: 2,
    batch_duration_seconds_count: 1,
    'stage_duration_seconds_sum{stage="read_wait"}': 0.5,
    'stage_duration_seconds_count{stage="read_wait"}': 1,
    'stage_duration_seconds_sum{stage="encode"}': 0.02,
    'stage_duration_seconds_count{stage="encode"}': 1,
    'stage_duration_seconds_sum{stage="encode_wait"}': 0.01,
    'stage_duration_seconds_count{stage="encode_wait"}': 1,
    'stage_duration_seconds_sum{stage="append"}': 0.03,
    'stage_duration_seconds_count{stage="append"}': 1,
  });
});

Deno.test("countPipelineEvent counts what goes wrong", async () => {
  const position = secondsAgo(clock, 0);
  const values = await counted([
    { type: "source-lost", reason: "cursor" },
    { type: "stream-failed", error: "no", permanent: true, retryMs: 1 },
    { type: "stream-failed", error: "no", permanent: false, retryMs: 1 },
    // That is no failure.
    { type: "stream-failed", error: "no", permanent: false, retryMs: 1, waits: true },
    { type: "dead-letters", events: 4, reason: "too long" },
    { type: "redo-finished", seq: 1, objects: 3 },
    { type: "objects-voided", objects: 2, reason: "history" },
    { type: "history-gap", from: position, to: position, reason: "history" },
    { type: "fenced", reason: "other" },
    { type: "state-save-failed", reason: "Redis" },
  ]);
  assert.deepEqual(values, {
    events_failed_total: 4,
    'retries_total{stage="source"}': 1,
    'retries_total{stage="stream"}': 2,
    'stream_failures_total{permanent="true"}': 1,
    'stream_failures_total{permanent="false"}': 1,
    streams_fenced_total: 1,
    objects_redone_total: 3,
    objects_voided_total: 2,
    history_gaps_total: 1,
    state_save_failures_total: 1,
  });
});

Deno.test("countCoordinateEvent takes the drain of a hand-over for its time, and of no other release", async () => {
  const instruments = createInstruments({ prefix: "t", everywhere: EVERYWHERE, clock });
  const base = { type: "lock-released", stream: "a", generation: 1, heldMs: 1000 } as const;
  countCoordinateEvent(instruments, { ...base, reason: "stopped", drainMs: 9000 });
  countCoordinateEvent(instruments, { ...base, reason: "handed-over", drainMs: 500 });
  const values = nonZero((await instruments.render()).text);
  assert.equal(values.lock_handover_seconds_sum, 0.5);
  assert.equal(values.lock_handover_seconds_count, 1);
  assert.equal(values.lock_hold_duration_seconds_count, 2);
});
