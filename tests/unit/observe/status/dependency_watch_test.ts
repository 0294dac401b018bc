import assert from "node:assert/strict";
import { PermanentError } from "../../../../src/model/errors.ts";
import {
  AWAY_INTERVAL_MS,
  DependencyWatch,
  PROBE_INTERVAL_MS,
  PROBE_TIMEOUT_MS,
} from "../../../../src/observe/status/dependency_watch.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

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
  await clock.advance(PROBE_INTERVAL_MS.mongodb);
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
  watch.failed("destination", "status is 500");
  const { state, sinceMs, reason } = watch.facts.get("destination")!;
  assert.deepEqual([state, clock.wallMs() - sinceMs, reason], ["unhealthy", 1000, "status is 500"]);
});

Deno.test("DependencyWatch ends with a probe under way and leaves no timer", async () => {
  const clock = new VirtualClock();
  const watch = new DependencyWatch({ redis: () => new Promise(() => {}) }, clock);
  await clock.settle();
  await clock.finish(watch[Symbol.asyncDispose]());
  assert.equal(clock.timerCount, 0);
  assert.equal(watch.facts.get("redis")?.state, "unknown");
});

Deno.test("DependencyWatch asks one that is away more often", async () => {
  const clock = new VirtualClock();
  let calls = 0;
  const probe = () => ++calls === 1 ? Promise.reject(new Error("refused")) : Promise.resolve();
  await using watch = new DependencyWatch({ mongodb: probe }, clock);
  await clock.advance(AWAY_INTERVAL_MS);
  assert.deepEqual([calls, watch.facts.get("mongodb")?.state], [2, "healthy"]);
});

Deno.test("DependencyWatch does not take one that cannot do its work for healthy because it lives", async () => {
  const clock = new VirtualClock();
  let writes: Promise<void> = Promise.reject(new Error("the disk is full"));
  writes.catch(() => {});
  const probes = { destination: () => Promise.resolve() };
  const work = { destination: () => writes };
  await using watch = new DependencyWatch(probes, clock, { work });
  await clock.settle();
  assert.equal(watch.facts.get("destination")?.state, "healthy");
  watch.failed("destination", "the disk is full");
  await clock.advance(PROBE_INTERVAL_MS.destination);
  assert.equal(watch.facts.get("destination")?.state, "unhealthy");
  writes = Promise.resolve();
  await clock.advance(AWAY_INTERVAL_MS);
  assert.equal(watch.facts.get("destination")?.state, "healthy");
});

Deno.test("DependencyWatch believes a failure that came while it was asking", async () => {
  const clock = new VirtualClock();
  let answer = () => {};
  const probes = { destination: () => new Promise<void>((resolve) => answer = resolve) };
  await using watch = new DependencyWatch(probes, clock);
  await clock.settle();
  watch.failed("destination", "503");
  answer();
  await clock.settle();
  assert.equal(watch.facts.get("destination")?.state, "unhealthy");
});

Deno.test("DependencyWatch tells one that refuses from one that does not answer", async () => {
  const clock = new VirtualClock();
  const told: string[] = [];
  const probe = () => Promise.reject(new PermanentError("bad auth"));
  await using watch = new DependencyWatch({ mongodb: probe }, clock, {
    told: (name, { state, refuses }) => told.push(`${name} ${state} ${refuses}`),
  });
  await clock.settle();
  assert.equal(watch.facts.get("mongodb")?.refuses, true);
  watch.succeeded("mongodb");
  assert.deepEqual(told, ["mongodb unhealthy true", "mongodb healthy false"]);
});

Deno.test("DependencyWatch does not pile up calls that hang", async () => {
  const clock = new VirtualClock();
  let calls = 0;
  const probe = () => {
    calls++;
    return new Promise(() => {});
  };
  await using _ = new DependencyWatch({ destination: probe }, clock);
  await clock.advance(600_000);
  assert.equal(calls, 8);
});

Deno.test("DependencyWatch keeps one reason for one fault, on whatever way it is met", async () => {
  const clock = new VirtualClock();
  await using watch = new DependencyWatch({ redis: () => new Promise(() => {}) }, clock);
  const reason = () => watch.facts.get("redis")?.reason;
  watch.failed("redis", "Cannot call EVAL on redis://h:1: connect ECONNREFUSED 10.0.0.1:1");
  const first = reason();
  assert.equal(first, "connect ECONNREFUSED 10.0.0.1:1");
  watch.failed("redis", "Cannot call PING on redis://h:1: no answer within 5s");
  watch.failed("redis", "Cannot call GET on redis://h:1: there is no connection");
  watch.failed("redis", "Cannot call GET on redis://h:1: connect ECONNREFUSED 10.0.0.1:1");
  assert.equal(reason(), first);
  watch.succeeded("redis");
  watch.failed("redis", "Cannot call PING on redis://h:1: no answer within 5s");
  assert.equal(reason(), "no answer within 5s (redis://h:1)");
});
