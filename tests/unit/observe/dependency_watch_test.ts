import assert from "node:assert/strict";
import {
  DependencyWatch,
  PROBE_INTERVAL_MS,
  PROBE_TIMEOUT_MS,
} from "../../../src/observe/dependency_watch.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

Deno.test("DependencyWatch knows nothing of a service before its first answer, and has no other", async () => {
  const clock = new VirtualClock();
  await using watch = new DependencyWatch({ redis: () => new Promise(() => {}) }, clock);
  assert.deepEqual([...watch.facts.keys()], ["redis"]);
  assert.equal(watch.facts.get("redis")?.state, "unknown");
  watch.succeeded("mongodb");
  assert.deepEqual([...watch.facts.keys()], ["redis"]);
});

Deno.test("DependencyWatch takes a service that hangs for one that is away", async () => {
  const clock = new VirtualClock();
  await using watch = new DependencyWatch({ redis: () => new Promise(() => {}) }, clock);
  await clock.advance(PROBE_TIMEOUT_MS + 1);
  const { state, reason } = watch.facts.get("redis")!;
  assert.equal(state, "unhealthy");
  assert.match(reason!, /no answer within 5000 ms/);
});

Deno.test("DependencyWatch asks again and again, and at once when told", async () => {
  const clock = new VirtualClock();
  let calls = 0;
  const probe = () => ++calls === 2 ? Promise.reject(new Error("refused")) : Promise.resolve();
  await using watch = new DependencyWatch({ mongodb: probe }, clock);
  const state = () => watch.facts.get("mongodb")?.state;
  await clock.settle();
  assert.deepEqual([calls, state()], [1, "healthy"]);
  await clock.advance(PROBE_INTERVAL_MS);
  assert.deepEqual([calls, state()], [2, "unhealthy"]);
  watch.probeSoon();
  await clock.settle();
  assert.deepEqual([calls, state()], [3, "healthy"]);
});

Deno.test("DependencyWatch believes what happens on the way, and says since when", async () => {
  const clock = new VirtualClock();
  await using watch = new DependencyWatch({ destination: () => Promise.resolve() }, clock);
  await clock.advance(1000);
  watch.failed("destination", "503");
  await clock.advance(1000);
  watch.failed("destination", "timed out");
  const { state, sinceMs, reason } = watch.facts.get("destination")!;
  assert.deepEqual([state, clock.wallMs() - sinceMs, reason], ["unhealthy", 1000, "timed out"]);
});

Deno.test("DependencyWatch ends with a probe under way and leaves no timer", async () => {
  const clock = new VirtualClock();
  const watch = new DependencyWatch({ redis: () => new Promise(() => {}) }, clock);
  await clock.settle();
  await clock.finish(watch[Symbol.asyncDispose]());
  assert.equal(clock.timerCount, 0);
  assert.equal(watch.facts.get("redis")?.state, "unknown");
});
