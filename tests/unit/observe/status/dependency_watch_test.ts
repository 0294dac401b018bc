import assert from "node:assert/strict";
import { PermanentError } from "../../../../src/model/errors.ts";
import {
  AWAY_INTERVAL_MS,
  DependencyWatch,
  PROBE_INTERVAL_MS,
  PROBE_TIMEOUT_MS,
  RECOVERY_GAP_MS,
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
  await using watch = new DependencyWatch({ redis: () => new Promise(() => {}) }, clock, {
    addresses: { redis: "redis://cache:6379" },
  });
  await clock.advance(PROBE_TIMEOUT_MS + 1);
  const { state, reason, silentMs, sinceMs } = watch.facts.get("redis")!;
  assert.equal(state, "unhealthy");
  assert.match(reason!, /no answer within 3s \(redis:\/\/cache:6379\)$/);
  // It has been away since it was asked.
  assert.deepEqual([silentMs, clock.wallMs() - sinceMs], [PROBE_TIMEOUT_MS, PROBE_TIMEOUT_MS + 1]);
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
  await clock.advance(400);
  watch.failed("destination", "status is 500");
  const { state, sinceMs, reason } = watch.facts.get("destination")!;
  assert.deepEqual([state, clock.wallMs() - sinceMs, reason], ["unhealthy", 400, "status is 500"]);
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

Deno.test("DependencyWatch notices within five seconds that one hangs, a store where there is work for it", async () => {
  const clock = new VirtualClock();
  let hangs = false;
  let isNeeded = false;
  const probe = () => hangs ? new Promise(() => {}) : Promise.resolve();
  const probes = { mongodb: probe, redis: probe, destination: probe };
  await using watch = new DependencyWatch(probes, clock, {
    isNeeded: (name) => isNeeded && name === "destination",
  });
  const away = () =>
    [...watch.facts].filter(([, { state }]) => state === "unhealthy").map(([name]) => name);
  await clock.advance(12_000);
  hangs = true;
  await clock.advance(5000);
  assert.deepEqual(away(), ["mongodb", "redis"]);
  hangs = false;
  await clock.advance(12_000);
  assert.deepEqual(away(), []);
  hangs = true;
  isNeeded = true;
  await clock.advance(5000);
  assert.deepEqual(away(), ["mongodb", "redis", "destination"]);
});

Deno.test("DependencyWatch does not take one for away whose work goes through while a probe has no answer", async () => {
  const clock = new VirtualClock();
  await using watch = new DependencyWatch({ mongodb: () => new Promise(() => {}) }, clock);
  watch.succeeded("mongodb");
  await clock.advance(PROBE_TIMEOUT_MS - 1);
  watch.succeeded("mongodb");
  await clock.advance(1);
  assert.equal(watch.facts.get("mongodb")?.state, "healthy");
  await clock.advance(AWAY_INTERVAL_MS + PROBE_TIMEOUT_MS);
  assert.equal(watch.facts.get("mongodb")?.state, "unhealthy");
});

Deno.test("DependencyWatch does not believe a time-out that is late itself, but not for ever", async () => {
  const clock = new VirtualClock({ lateMs: 1000 });
  await using watch = new DependencyWatch({ mongodb: () => new Promise(() => {}) }, clock);
  await clock.advance(2 * (PROBE_TIMEOUT_MS + 1000));
  assert.equal(watch.facts.get("mongodb")?.state, "unknown");
  await clock.advance(PROBE_TIMEOUT_MS + 1000);
  assert.equal(watch.facts.get("mongodb")?.state, "unhealthy");
});

Deno.test("DependencyWatch keeps why one is away, or that it refuses, while the next questions have no answer", async () => {
  for (const error of [new PermanentError("bad auth"), new Error("connection refused")]) {
    const clock = new VirtualClock();
    let ask = (): Promise<unknown> => Promise.reject(error);
    await using watch = new DependencyWatch({ mongodb: () => ask() }, clock);
    await clock.settle();
    ask = () => new Promise(() => {});
    await clock.advance(20_000);
    const { reason, refuses } = watch.facts.get("mongodb")!;
    assert.deepEqual([reason, refuses], [error.message, error instanceof PermanentError]);
  }
});

Deno.test("DependencyWatch tells that one has recovered, also from its work, unless it comes and goes", async () => {
  const clock = new VirtualClock();
  const told: string[] = [];
  const probes = { mongodb: () => new Promise(() => {}) };
  const recovered = (name: string) => told.push(name);
  await using watch = new DependencyWatch(probes, clock, { recovered });
  await clock.settle();
  watch.succeeded("mongodb");
  watch.failed("mongodb", "lost");
  watch.succeeded("mongodb");
  assert.deepEqual(told, []);
  for (let i = 0; i < 5; i++) {
    watch.failed("mongodb", "lost");
    await clock.advance(1000);
    watch.succeeded("mongodb");
    assert.equal(told.length, 1);
  }
  await clock.advance(RECOVERY_GAP_MS);
  assert.equal(watch.facts.get("mongodb")?.state, "unhealthy");
  watch.succeeded("mongodb");
  assert.equal(told.length, 2);
});

Deno.test("DependencyWatch does not blame a service for what broke while this process slept", async () => {
  const clock = new VirtualClock();
  let broken = 0;
  const probe = () => broken-- > 0 ? Promise.reject(new Error("interrupted")) : Promise.resolve();
  const told: string[] = [];
  await using watch = new DependencyWatch({ mongodb: probe }, clock, {
    told: (_, { state }) => told.push(state),
  });
  await clock.settle();
  clock.stepWall(40_000);
  broken = 2;
  watch.failed("mongodb", "the connection was interrupted");
  await clock.advance(PROBE_INTERVAL_MS.mongodb);
  assert.deepEqual([...new Set(told)], ["healthy"]);
  // A refusal is one, and what lasts is no matter of waking up.
  clock.stepWall(40_000);
  watch.failed("mongodb", "wrong password", true);
  assert.equal(watch.facts.get("mongodb")?.state, "unhealthy");
  await clock.advance(PROBE_INTERVAL_MS.mongodb);
  clock.stepWall(40_000);
  broken = 100;
  await clock.advance(PROBE_INTERVAL_MS.mongodb);
  assert.equal(watch.facts.get("mongodb")?.state, "healthy");
  await clock.advance(3000);
  assert.equal(watch.facts.get("mongodb")?.state, "unhealthy");
});

Deno.test("DependencyWatch keeps a refusal while connections break of it, until another fact is known", async () => {
  const clock = new VirtualClock();
  await using watch = new DependencyWatch({ redis: () => new Promise(() => {}) }, clock);
  const known = () => {
    const { reason, refuses } = watch.facts.get("redis")!;
    return [reason, refuses];
  };
  const refusal = ["NOAUTH Authentication required. (redis://h:1)", true];
  watch.failed("redis", "Cannot call PING on redis://h:1: NOAUTH Authentication required.", true);
  for (
    const after of ["no answer within 5s", "there is no connection", "the connection is closed"]
  ) {
    watch.failed("redis", `Cannot call EVAL on redis://h:1: ${after}`);
    assert.deepEqual(known(), refusal);
  }
  watch.failed("redis", "Cannot call PING on redis://h:1: connect ECONNREFUSED 10.0.0.1:1");
  assert.deepEqual(known(), ["connect ECONNREFUSED 10.0.0.1:1", false]);
  watch.failed("redis", "Cannot call PING on redis://h:1: NOAUTH Authentication required.", true);
  assert.deepEqual(known(), refusal);
  watch.succeeded("redis");
  watch.failed("redis", "Cannot call PING on redis://h:1: no answer within 5s");
  assert.deepEqual(known(), ["no answer within 5s (redis://h:1)", false]);
});
