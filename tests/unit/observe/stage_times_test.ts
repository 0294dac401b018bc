import assert from "node:assert/strict";
import { STAGE_MINUTES, StageTimes } from "../../../src/observe/stage_times.ts";
import type { PipelineEvent } from "../../../src/pipeline/events.ts";
import { objectStored } from "../../support/monitor.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

function put(putMs: number): PipelineEvent {
  return { ...objectStored("shop", "orders"), putMs } as PipelineEvent;
}

Deno.test("StageTimes say how long a stage takes: on average, mostly, and at worst", () => {
  const times = new StageTimes(new VirtualClock());
  for (let i = 0; i < 90; i++) times.take(put(40));
  for (let i = 0; i < 10; i++) times.take(put(1000));
  const { turns, meanMs, medianMs, p95Ms, longestMs } = times.now.find((t) => t.stage === "put")!;
  assert.deepEqual({ turns, meanMs, longestMs }, { turns: 100, meanMs: 136, longestMs: 1000 });
  assert.ok(medianMs! >= 40 && medianMs! < 48, `${medianMs}`);
  assert.equal(p95Ms, 1000);
});

Deno.test("StageTimes know each stage, and say nothing of those that had no turn", () => {
  const times = new StageTimes(new VirtualClock());
  const to = { operationTime: { t: 1, i: 1 }, data: "" };
  times.take({ type: "record-appended", kind: "batch", seq: 1, to, appendMs: 0 });
  times.take({ type: "stream-stopped" });
  const none = { turns: 0, meanMs: null, medianMs: null, p95Ms: null, longestMs: null };
  assert.deepEqual(times.now, [
    { stage: "read_wait", ...none },
    { stage: "encode_wait", ...none },
    { stage: "encode", ...none },
    { stage: "append", turns: 1, meanMs: 0, medianMs: 0, p95Ms: 0, longestMs: 0 },
    { stage: "put", ...none },
  ]);
});

Deno.test("StageTimes forget what is longer ago than their minutes", async () => {
  const clock = new VirtualClock();
  const times = new StageTimes(clock);
  times.take(put(9000));
  await clock.advance(60_000);
  times.take(put(10));
  const longest = () => times.now.find((t) => t.stage === "put")!.longestMs;
  assert.equal(longest(), 9000);
  await clock.advance((STAGE_MINUTES - 1) * 60_000);
  assert.equal(longest(), 10);
  await clock.advance(60_000);
  assert.equal(longest(), null);
});
