import assert from "node:assert/strict";
import type { InstanceNews } from "../../../src/coordinate/news.ts";
import type { FleetView } from "../../../src/coordinate/fleet_view.ts";
import {
  CARTS,
  newMonitor,
  objectStored,
  ORDERS,
  readingEvents,
  secondsAgo,
} from "../../support/monitor.ts";
import { silentLog } from "../../../src/support/log.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";
import { SAMPLE_MS } from "../../../src/observe/status/rate_history.ts";

const tell = () => Promise.resolve();

Deno.test("Monitor learns of services from what happens on the way", async () => {
  const { monitor, clock } = newMonitor({
    probes: {
      mongodb: () => new Promise(() => {}),
      redis: () => new Promise(() => {}),
      destination: () => new Promise(() => {}),
    },
  });
  await using _ = monitor;
  const state = () => Object.values(monitor.health().dependencies).join();
  assert.equal(state(), "unknown,unknown,unknown");
  for (const event of readingEvents(clock)) monitor.pipelineEvent(ORDERS, event);
  assert.equal(state(), "healthy,unknown,unknown");
  monitor.coordinateEvent({ type: "store-away", reason: "refused" });
  assert.equal(state(), "healthy,unhealthy,unknown");
  monitor.coordinateEvent({ type: "store-back", awayMs: 4 });
  monitor.pipelineEvent(ORDERS, { type: "source-lost", reason: "gone" });
  assert.equal(state(), "unhealthy,healthy,unknown");
  const to = secondsAgo(clock, 0);
  const appended = { type: "record-appended", kind: "batch", seq: 1, to, appendMs: 1 } as const;
  monitor.pipelineEvent(ORDERS, appended);
  assert.equal(state(), "unhealthy,healthy,healthy");
});

Deno.test("Monitor asks the services at once when a stream fails", async () => {
  let asked = 0;
  const { monitor, clock } = newMonitor({
    probes: {
      mongodb: () => Promise.resolve({ operationTime: { t: 1, i: 1 } }),
      destination: () => Promise.resolve(asked++),
    },
  });
  await using _ = monitor;
  await clock.settle();
  const failed = { type: "stream-failed", error: "no", permanent: false, retryMs: 1 } as const;
  monitor.pipelineEvent(ORDERS, failed);
  await clock.settle();
  assert.equal(asked, 2);
});

Deno.test("Monitor keeps rates of its own streams and of those of others", async () => {
  let events = 0;
  const view = (): FleetView => ({
    instances: [],
    streams: [{
      key: CARTS.key,
      name: CARTS.name,
      owner: "x",
      events: events += 10,
      objects: 0,
      bytes: 0,
      deadLetters: 0,
      paused: false,
    }],
  });
  const { monitor, clock } = newMonitor({ fleet: { view: () => Promise.resolve(view()), tell } });
  await using _ = monitor;
  for (const event of readingEvents(clock)) monitor.pipelineEvent(ORDERS, event);
  await clock.settle();
  const highWater = secondsAgo(clock, 0).operationTime;
  monitor.pipelineEvent(ORDERS, {
    type: "reply-read",
    events: 500,
    bytes: 1,
    waitMs: 0,
    highWater,
  });
  await clock.advance(5000);
  assert.deepEqual(monitor.status().streams.map(({ name, rates }) => [name, rates]), [
    [CARTS.name, [2]],
    [ORDERS.name, [100]],
  ]);
});

Deno.test("Monitor tells the others of its streams, again and again", async () => {
  const told: [string[], number][] = [];
  let oplog: { operationTime: { t: number } } | undefined;
  const { monitor, clock } = newMonitor({
    fleet: {
      tell: ({ streams, oplog: reach }, ttlMs) => {
        oplog = reach;
        told.push([streams.map(({ key, condition }) => `${condition} ${key}`), ttlMs]);
        return Promise.resolve();
      },
      view: () => Promise.resolve({ instances: [], streams: [] }),
    },
  });
  await using _ = monitor;
  await clock.settle();
  for (const event of readingEvents(clock)) monitor.pipelineEvent(ORDERS, event);
  await clock.advance(5000);
  assert.deepEqual(told, [[[], 30_000], [[`running ${ORDERS.key}`], 30_000]]);
  assert.equal(oplog?.operationTime.t, (clock.wallMs() - 500) / 1000);
});

Deno.test("Monitor looks at the fleet as rarely as its store wishes, and what it tells lives on until then", async () => {
  const told: number[] = [];
  let isAway = false;
  const { monitor, clock } = newMonitor({
    fleet: {
      everyMs: 20_000,
      tell: (_, ttlMs) => {
        told.push(ttlMs);
        return isAway ? Promise.reject(new Error("away")) : Promise.resolve();
      },
      view: () => Promise.resolve({ instances: [], streams: [] }),
    },
  });
  await using _ = monitor;
  await clock.settle();
  await clock.advance(60_000);
  assert.deepEqual(told, [120_000, 120_000, 120_000, 120_000]);
  isAway = true;
  await clock.advance(20_000);
  isAway = false;
  await clock.advance(10_000);
  assert.equal(told.length, 6, "where there was none, the next sample asks again");
});

Deno.test("Monitor tells the others of a service that fails it", async () => {
  const told: InstanceNews["away"][] = [];
  const { monitor, clock } = newMonitor({
    workProbes: { destination: () => Promise.reject(new Error("no room")) },
    fleet: {
      tell: ({ away }) => {
        told.push(away);
        return Promise.resolve();
      },
      view: () => Promise.resolve({ instances: [], streams: [] }),
    },
  });
  await using _ = monitor;
  await clock.settle();
  assert.deepEqual(told, [[]]);
  monitor.destinationFailed("no room", true, false);
  // At once, for somebody may be asking now; of what flaps, now and then.
  await clock.settle();
  const words = () => told.at(-1)!.map(({ name, reason }) => `${name}: ${reason}`);
  assert.deepEqual(words(), ["destination: no room"]);
  for (let i = 0; i < 50; i++) {
    monitor.pipelineEvent(ORDERS, objectStored("shop", "orders"));
    monitor.destinationFailed("no room", true, false);
    await clock.settle();
  }
  assert.equal(told.length, 2);
  await clock.advance(5000);
  assert.deepEqual(words(), ["destination: no room"]);
});

Deno.test("Monitor shows the last view of the fleet while there is no new one", async () => {
  let calls = 0;
  const since = "2026-11-21T00:00:00.000Z";
  const member = { version: "1", since, leaving: false, streams: 0, failed: 0 };
  const view: FleetView = { instances: [{ id: "x", name: "host-2", ...member }], streams: [] };
  const fleet = {
    tell,
    view: () => ++calls === 1 ? Promise.resolve(view) : Promise.reject(new Error("refused")),
  };
  const { monitor, clock } = newMonitor({ fleet });
  await using _ = monitor;
  await clock.settle();
  const { fleetAt } = monitor.status();
  await clock.advance(20_000);
  assert.ok(calls > 2);
  const { instances, ...status } = monitor.status();
  assert.deepEqual(instances.map(({ name }) => name), ["host-1", "host-2"]);
  assert.equal(status.fleetAt, fleetAt);
  assert.notEqual(status.at, fleetAt);
});

Deno.test("Monitor looks at the fleet at once, and soon again, when the leases can be reached again", async () => {
  let looks = 0;
  const view = () => {
    looks++;
    return Promise.resolve({ instances: [], streams: [] });
  };
  const { monitor, clock } = newMonitor({ fleet: { tell, view } });
  await using _ = monitor;
  await clock.advance(100);
  assert.equal(looks, 1);
  monitor.coordinateEvent({ type: "store-away", reason: "refused" });
  monitor.coordinateEvent({ type: "store-back", awayMs: 9 });
  await clock.settle();
  assert.equal(looks, 2);
  await clock.advance(3000);
  assert.equal(looks, 5);
});

Deno.test("Monitor tells who asks that a service answers again after it was away", async () => {
  const told: string[] = [];
  const { monitor, clock } = newMonitor({ recovered: (name) => told.push(name) });
  await using _ = monitor;
  await clock.settle();
  monitor.destinationFailed("503", true);
  await clock.advance(1500);
  assert.deepEqual(told, ["destination"]);
});

Deno.test("Monitor ends at once, also while the fleet's view hangs, and leaves no timer", async () => {
  const { monitor, clock } = newMonitor({ fleet: { tell, view: () => new Promise(() => {}) } });
  await clock.settle();
  await monitor[Symbol.asyncDispose]();
  assert.equal(clock.timerCount, 0);
});

Deno.test("Monitor finds in the journal where a paused stream stands of which nobody tells, and shows its ages", async () => {
  const clock = new VirtualClock();
  const { monitor } = newMonitor({
    clock,
    paused: () => [ORDERS],
    positionOf: (key) =>
      Promise.resolve(key === ORDERS.key ? secondsAgo(clock, 3000).operationTime : undefined),
  });
  await using _ = monitor;
  await clock.settle();
  const [stream] = monitor.status().streams;
  assert.deepEqual(
    [stream?.condition, stream?.owner, stream?.lagSeconds, stream?.lakeLagSeconds],
    ["paused", null, 3000, 3000],
  );
  assert.equal(stream?.oplogHeadroomSeconds, 600);
  const { text } = await monitor.metrics(null);
  assert.match(text, /tributary_oplog_headroom_seconds\{[^}]*orders[^}]*\} 600\n/);
  assert.match(text, /tributary_streams_paused\{[^}]*\} 1\n/);
});

Deno.test("Monitor says why nothing is read while the leases cannot be reached, and not that all is well", async () => {
  const clock = new VirtualClock();
  const { monitor } = newMonitor({ clock, wanted: () => [ORDERS], leaseTtlMs: 30_000 });
  await using _ = monitor;
  await clock.settle();
  monitor.setPhase("running");
  for (const event of readingEvents(clock)) monitor.pipelineEvent(ORDERS, event);
  monitor.coordinateEvent({ type: "store-away", reason: "refused" });
  assert.equal(
    monitor.status().causes[0]?.text,
    "The leases in the lake could not be reached: refused.",
  );
  assert.equal(monitor.health().status, "degraded");
  await clock.advance(30_000);
  monitor.pipelineEvent(ORDERS, { type: "stream-stopped" });
  const [stream] = monitor.status().streams;
  assert.deepEqual([stream?.condition, stream?.owner, stream?.lagSeconds], ["free", null, 40]);
  assert.equal(monitor.readiness().ready, false);
  assert.deepEqual(monitor.status().causes[0]?.streams, [ORDERS.name]);
});

Deno.test("Monitor shows and tells that settings read again were refused, for as long as they are", async () => {
  const told: Omit<InstanceNews, "owner">[] = [];
  let refused: { atMs: number; reason: string } | undefined;
  const fleet = {
    view: () => Promise.resolve({ instances: [], streams: [] }),
    tell: (news: Omit<InstanceNews, "owner">) => {
      told.push(news);
      return Promise.resolve();
    },
  };
  const { monitor, clock } = newMonitor({ fleet, refusedSettings: () => refused });
  await using _ = monitor;
  await clock.settle();
  const ids = () => monitor.status().causes.map(({ id }) => id);
  assert.deepEqual([ids(), told.at(-1)?.refusedSettings], [[], undefined]);
  const reason = "REDIS_URL is redis://:secret@h";
  refused = { atMs: clock.wallMs(), reason };
  monitor.tellSoon();
  await clock.settle();
  assert.deepEqual(ids(), ["settings-refused"]);
  assert.equal(monitor.health().status, "healthy");
  const news = told.at(-1)?.refusedSettings;
  assert.deepEqual(monitor.status().instances[0]?.refusedSettings, news);
  assert.doesNotMatch(news!.reason, /secret/);
  refused = undefined;
  await clock.advance(SAMPLE_MS);
  assert.deepEqual([ids(), told.at(-1)?.refusedSettings], [[], undefined]);
});

Deno.test("Monitor says at once that a paused stream nears the end of the oplog", async () => {
  const lines: string[] = [];
  const log = { ...silentLog, warn: (message: string) => void lines.push(message) };
  const clock = new VirtualClock();
  const startedMs = clock.wallMs();
  const { monitor } = newMonitor({
    ...{ clock, log },
    paused: () => [ORDERS],
    positionOf: () => Promise.resolve(secondsAgo(clock, 0).operationTime),
    probes: {
      mongodb: () =>
        Promise.resolve({
          operationTime: secondsAgo(clock, 0).operationTime,
          // The oplog holds a hundred seconds.
          oldestOplogTime: secondsAgo(clock, 100).operationTime,
        }),
      destination: () => Promise.resolve(),
    },
  });
  await using _ = monitor;
  const isSaid = () => lines.includes("A stream nears the end of the oplog");
  while (!isSaid() && clock.wallMs() - startedMs < 200_000) await clock.advance(1000);
  const [row] = monitor.status().streams;
  assert.equal(row?.condition, "paused");
  assert(isSaid());
  assert(row.oplogHeadroomSeconds! > 10 && row.oplogHeadroomSeconds! < 25);
  const [first] = monitor.status().causes;
  assert.deepEqual([first?.id, first?.severity], ["oplog-short", "warning"]);
});

Deno.test("Monitor has no fear for a stream at the beginning of an oplog that was never cut off", async () => {
  for (const whole of [{}, { isOplogWhole: true }] as const) {
    const clock = new VirtualClock();
    const reach = () => ({
      operationTime: secondsAgo(clock, 0).operationTime,
      oldestOplogTime: secondsAgo(clock, 10).operationTime,
      ...whole,
    });
    const mongodb = () => Promise.resolve(reach());
    const probes = { mongodb, destination: () => Promise.resolve() };
    const { monitor } = newMonitor({ clock, probes });
    await using _ = monitor;
    monitor.setPhase("running");
    await clock.settle();
    for (const event of readingEvents(clock)) monitor.pipelineEvent(ORDERS, event);
    const isCalm = "isOplogWhole" in whole;
    const ids = monitor.status().causes.map(({ id }) => id);
    assert.deepEqual(ids, isCalm ? [] : ["oplog-short"]);
    assert.equal(monitor.readiness().ready, isCalm);
  }
});

Deno.test("Monitor knows of Redis that it refuses, on whatever way it is met, and nothing of it from a stream that hangs", async () => {
  const { monitor } = newMonitor({
    probes: { mongodb: () => new Promise(() => {}), redis: () => Promise.resolve() },
  });
  await using _ = monitor;
  const lease = { stream: ORDERS.key, generation: 3 };
  const redis = () => monitor.status().dependencies.find(({ name }) => name === "redis")!;
  const hang = { reason: "the stream hangs", hangs: true } as const;
  monitor.coordinateEvent({ type: "locks-refreshed", streams: [lease.stream] });
  monitor.coordinateEvent({ type: "lock-refresh-failed", ...lease, ...hang });
  assert.equal(redis().state, "healthy");
  const refusal = { reason: "NOAUTH Authentication required.", refuses: true } as const;
  for (const type of ["store-away", "lock-refresh-failed"] as const) {
    monitor.coordinateEvent({ type: "locks-refreshed", streams: [lease.stream] });
    monitor.coordinateEvent({ type, ...lease, ...refusal });
    assert.deepEqual([redis().state, redis().refuses], ["unhealthy", true]);
  }
});
