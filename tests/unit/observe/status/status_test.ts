import assert from "node:assert/strict";
import type { TableFacts } from "../../../../src/observe/metrics/table_gauges.ts";
import type { FleetView, StreamView } from "../../../../src/coordinate/fleet_view.ts";
import {
  batchDurable,
  CARTS,
  newMonitor,
  objectStored,
  ORDERS,
  readingEvents,
  secondsAgo,
} from "../../../support/monitor.ts";

function fleetOf(view: FleetView) {
  return { tell: () => Promise.resolve(), view: () => Promise.resolve(view) };
}

Deno.test("statusOf shows an instance alone with all that is known of its streams", async () => {
  const { monitor, clock } = newMonitor();
  await using _ = monitor;
  await clock.settle();
  monitor.setPhase("running");
  monitor.setAddress("http://host-1:8080");
  for (const event of readingEvents(clock)) monitor.pipelineEvent(ORDERS, event);
  monitor.pipelineEvent(ORDERS, objectStored("shop", "orders"));
  monitor.pipelineEvent(ORDERS, batchDurable(secondsAgo(clock, 4)));
  const status = monitor.status();
  assert.equal(status.fleetAt, null);
  assert.deepEqual(status.instances, [
    {
      ...{ id: "host-1-5f0e", name: "host-1", self: true, version: "1.2.3", leaving: false },
      ...{ state: "running", startedAt: status.at, address: "http://host-1:8080", streams: 1 },
      changeStreams: 0,
    },
  ]);
  assert.deepEqual(status.memory, { budgetBytes: 1000, bufferedBytes: 10, bufferedEvents: 0 });
  assert.equal(status.oplogWindowSeconds, 3600);
  assert.deepEqual(status.limits, { lagSeconds: 300, lakeLagSeconds: 300 });
  assert.deepEqual(status.streams, [{
    key: ORDERS.key,
    name: ORDERS.name,
    condition: "running",
    owner: "host-1",
    freeSince: null,
    local: true,
    generation: 3,
    lagSeconds: 4,
    lakeLagSeconds: 4,
    positionAgeSeconds: 4,
    oplogHeadroomSeconds: 3596,
    rates: [],
    events: 3,
    objects: 1,
    bytes: 500,
    deadLetters: 0,
    bufferedEvents: 0,
    lastObject: { key: "db=shop/coll=orders/1.parquet", rows: 3, bytes: 500, at: status.at },
    error: null,
  }]);
});

Deno.test("statusOf gives the cause of another instance's trouble, until its words are over", async () => {
  const since = "2026-11-21T00:00:00.000Z";
  const away = [{ name: "destination" as const, since, reason: "refused", refuses: false }];
  const other = { id: "x", name: "host-2", version: "1", since, leaving: false, failed: 0 };
  let looks = 0;
  const view = { instances: [{ ...other, streams: 0, away }], streams: [] };
  const fleet = {
    tell: () => Promise.resolve(),
    view: () => looks++ === 0 ? Promise.resolve(view) : Promise.reject(new Error("away")),
  };
  const { monitor, clock } = newMonitor({ fleet, leaseTtlMs: 30_000 });
  await using _ = monitor;
  await clock.settle();
  const texts = () => monitor.status().causes.map(({ text }) => text);
  assert.deepEqual(texts(), ["The destination cannot be written by host-2: refused."]);
  await clock.advance(31_000);
  assert(!texts().some((text) => text.includes("host-2")), texts().join());
});

Deno.test("statusOf hides secrets in errors", async () => {
  const { monitor, clock } = newMonitor();
  await using _ = monitor;
  await clock.settle();
  const reason = "no answer from mongodb://user:pa55@db1/";
  monitor.pipelineEvent(ORDERS, { type: "source-lost", reason });
  const { streams, dependencies } = monitor.status();
  assert.equal(streams[0]?.error?.message, "no answer from mongodb://***@db1/");
  const mongodb = dependencies.find(({ name }) => name === "mongodb");
  assert.equal(mongodb?.reason, "no answer from mongodb://***@db1/");
});

Deno.test("statusOf puts the fleet's streams beside its own", async () => {
  const member = {
    version: "1.2.3",
    since: "2026-11-21T00:00:00.000Z",
    leaving: false,
    streams: 1,
    failed: 0,
  };
  const counts = { events: 900, objects: 9, bytes: 90, deadLetters: 0, paused: false };
  const stream = (key: string, more: Partial<StreamView>): StreamView => ({
    key,
    name: key,
    ...counts,
    ...more,
  });
  const view: FleetView = {
    instances: [
      { id: "host-1-5f0e", name: "host-1", ...member },
      { id: "host-0-77", name: "host-0", ...member, leaving: true },
    ],
    streams: [
      stream(ORDERS.key, { name: ORDERS.name, owner: "host-1-5f0e" }),
      stream("a", { owner: "host-0-77", instance: "host-0", generation: 7 }),
      stream("b", { offered: true }),
      stream("b2", {}),
      stream("c", {}),
      stream("d", { owner: "unknown-1" }),
    ],
  };
  const paused = () => [{ key: "c", name: "c" }];
  const { monitor, clock } = newMonitor({ fleet: fleetOf(view), paused });
  await using _ = monitor;
  await clock.settle();
  for (const event of readingEvents(clock)) monitor.pipelineEvent(ORDERS, event);
  const { streams, instances, fleetAt, at } = monitor.status();
  assert.deepEqual(
    streams.map((
      { name, condition, owner, local, events },
    ) => [name, condition, owner, local, events]),
    [
      ["a", "elsewhere", "host-0", false, 900],
      ["b", "free", null, false, 900],
      ["b2", "closed", null, false, 900],
      ["c", "paused", null, false, 900],
      [ORDERS.name, "running", "host-1", true, 900],
      ["d", "elsewhere", "unknown-1", false, 900],
    ],
  );
  assert.deepEqual(
    instances.map(({ name, self, leaving, streams }) => [name, self, leaving, streams]),
    [
      ["host-0", false, true, 1],
      ["host-1", true, false, 1],
    ],
  );
  assert.equal(fleetAt, at);
});

Deno.test("statusOf shows paused streams that nobody runs", async () => {
  const { monitor } = newMonitor({ paused: () => [CARTS] });
  await using _ = monitor;
  const [stream] = monitor.status().streams;
  assert.deepEqual([stream?.name, stream?.condition, stream?.owner], [CARTS.name, "paused", null]);
});

Deno.test("statusOf says why not all is well", async () => {
  const { monitor, clock } = newMonitor();
  await using _ = monitor;
  await clock.settle();
  for (const event of readingEvents(clock)) monitor.pipelineEvent(ORDERS, event);
  assert.deepEqual(monitor.status().causes, []);
  monitor.pipelineEvent(ORDERS, { type: "source-lost", reason: "no answer from db1" });
  const [cause] = monitor.status().causes;
  assert.equal(cause?.text, "MongoDB does not answer: no answer from db1.");
  assert.deepEqual(cause.streams, [ORDERS.name]);
});

Deno.test("statusOf shows an instance that says nothing as silent, and its streams as nobody's", async () => {
  const since = "2026-11-21T00:00:00.000Z";
  const other = { id: "x", name: "host-2", version: "1", since, leaving: false, failed: 0 };
  const silence = { forMs: 18_000, leaseMsLeft: 12_000 };
  const stream: StreamView = {
    ...{ ...CARTS, owner: "x", instance: "host-2", offered: true, silentMs: silence.forMs },
    ...{ events: 1, objects: 1, bytes: 1, deadLetters: 0, paused: false },
  };
  const fleet = fleetOf({ instances: [{ ...other, streams: 1, silence }], streams: [stream] });
  const { monitor, clock } = newMonitor({ fleet, leaseTtlMs: 30_000 });
  await using _ = monitor;
  await clock.settle();
  const silentSince = new Date(clock.wallMs() - silence.forMs).toISOString();
  await clock.advance(2000);
  const status = monitor.status();
  const row = status.instances.find(({ name }) => name === "host-2");
  assert.deepEqual(
    [row?.state, row?.silentSince, row?.leaseMsLeft],
    ["silent", silentSince, 10_000],
  );
  const [carts] = status.streams;
  assert.deepEqual(
    [carts?.condition, carts?.owner, carts?.leftBy, carts?.freeSince],
    ["free", null, "host-2", silentSince],
  );
  const [cause, ...more] = status.causes;
  assert.deepEqual([cause?.id, cause?.since, more], ["instance-silent", silentSince, []]);
});

Deno.test("statusOf tells of snapshots only where there are any, and shows their ranges as no streams", async () => {
  const { monitor: none } = newMonitor();
  await using _ = none;
  assert.equal("snapshots" in none.status(), false);
  const stream = { level: "collection", database: "shop", collection: "orders" } as const;
  const key = "snapshot.collection.shop.orders.initial.1of2";
  const { monitor, clock } = newMonitor({
    fleet: fleetOf({
      instances: [],
      streams: [{
        ...{ key, name: key, owner: "x", events: 1, objects: 1, bytes: 1, deadLetters: 0 },
        paused: false,
      }],
    }),
    snapshots: () => [{
      ...{ id: "collection.shop.orders.initial", stream, state: "running", documentsRead: 5 },
      ...{ documentsExpected: 7, documentsPerSecond: 4, bytesStored: 90 },
      ...{ isFiltered: false, isPaused: false, ranges: { closed: 1, of: 2 } },
    }],
  });
  await using __ = monitor;
  await clock.settle();
  monitor.pipelineEvent({ key, name: key }, { type: "stream-started", generation: 1 });
  const status = monitor.status();
  assert.deepEqual(status.snapshots, [{
    ...{ id: "collection.shop.orders.initial", name: "collection:shop.orders" },
    ...{ state: "running", documentsRead: 5, documentsExpected: 7, ranges: { closed: 1, of: 2 } },
    ...{ isFiltered: false, bytesStored: 90, documentsPerSecond: 4 },
    ...{ share: 5 / 7, secondsLeft: 0.5 },
  }]);
  assert(status.streams.every((each) => each.key !== key));
});

Deno.test("statusOf tells of the tables that this instance keeps, how far behind they are and what is wrong", async () => {
  const none = newMonitor();
  await using _none = none.monitor;
  assert.equal("tables" in none.monitor.status(), false);
  const tables: TableFacts[] = [];
  const joined = { inputs: 0, outputs: 0 };
  const deleted = { objects: 0, bytes: 0 };
  const kept = { tables, commits: 1, conflicts: 0, joined, deleted };
  const { monitor, clock } = newMonitor({ tables: kept });
  await using _ = monitor;
  const url = "s3://lake/shop/db=shop/coll=orders/";
  const format = "delta";
  tables.push({
    name: "shop.orders",
    format,
    url,
    version: 3,
    upToDateMs: clock.wallMs() - 61_000,
  });
  tables.push({
    name: "shop.carts",
    format,
    url,
    fault: "mongodb://user:secret@host/ is in the way",
  });
  assert.deepEqual(monitor.status().tables, [
    { name: "shop.orders", format, url, version: 3, fault: null, lagSeconds: 61 },
    {
      ...{ name: "shop.carts", format, url, version: null, lagSeconds: null },
      fault: "mongodb://***@host/ is in the way",
    },
  ]);
});
