import assert from "node:assert/strict";
import { viewFleet } from "../../../src/coordinate/fleet_view.ts";
import type { InstanceNews, ToldNews } from "../../../src/coordinate/news.ts";
import { positionAt } from "../../../src/model/position.ts";

const MEMBER = {
  owner: "host-1",
  instance: "one",
  version: "0.1.0",
  since: "2026-11-21T00:00:00.000Z",
  streams: ["collection.shop.orders", "collection.shop.items"],
  failed: 1,
  isLeaving: false,
};

const LEASE = {
  stream: "collection.shop.orders",
  owner: "host-1",
  instance: "one",
  generation: 3,
  since: "2026-11-21T00:00:00.000Z",
  leftMs: 20_000,
};

const STATE = {
  stream: "collection:shop.orders",
  seq: 7,
  position: positionAt({ t: 100, i: 2 }),
  generation: 3,
  owner: "host-1",
  events: 50,
  objects: 2,
  bytes: 1000,
  deadLetters: 1,
  updatedAt: "2026-11-21T01:00:00.000Z",
};

const NOTHING = { events: 0, objects: 0, bytes: 0, deadLetters: 0, paused: false };

Deno.test("viewFleet takes the oplog as it was told last", () => {
  const told = (t: number): InstanceNews => ({
    ...{ owner: `host-${t}`, streams: [] },
    oplog: { operationTime: { t, i: 1 }, oldestOplogTime: { t: 1, i: 1 } },
  });
  const silent = { owner: "host-old", streams: [] };
  const findings = { members: [], leases: [], states: new Map(), paused: new Set<string>() };
  const { oplog } = viewFleet({ ...findings, news: [told(5), silent, told(9), told(7)] });
  assert.equal(oplog?.operationTime.t, 9);
  assert.equal(viewFleet({ ...findings, news: [silent] }).oplog, undefined);
});

Deno.test("viewFleet puts together what members, leases and states say", () => {
  const states = new Map([["collection.shop.orders", STATE]]);
  const view = viewFleet({
    members: [MEMBER],
    leases: [LEASE],
    states,
    news: [],
    paused: new Set(),
  });
  assert.deepEqual(view.instances, [{
    ...{ id: "host-1", name: "one", version: "0.1.0", since: MEMBER.since },
    ...{ leaving: false, streams: 1, failed: 1 },
  }]);
  assert.deepEqual(view.streams, [
    { key: "collection.shop.items", name: "collection:shop.items", ...NOTHING, offered: true },
    {
      ...{ key: "collection.shop.orders", name: "collection:shop.orders" },
      ...{ owner: "host-1", instance: "one", generation: 3, leaseMsLeft: 20_000 },
      ...{ position: { t: 100, i: 2 }, updatedAt: STATE.updatedAt },
      ...{ events: 50, objects: 2, bytes: 1000, deadLetters: 1, paused: false, offered: true },
    },
  ]);
});

Deno.test("viewFleet shows which services fail an instance, as it tells", () => {
  const away = [{ name: "destination" as const, since: MEMBER.since, refuses: false }];
  const refusedSettings = { since: MEMBER.since, reason: "FORMAT is x" };
  const news = [{ owner: MEMBER.owner, streams: [], away, refusedSettings }, {
    owner: "gone",
    streams: [],
    away,
  }];
  const view = viewFleet({
    ...{ members: [MEMBER], leases: [], states: new Map(), paused: new Set<string>() },
    news,
  });
  assert.deepEqual(view.instances.map((each) => each.away), [away]);
  assert.deepEqual(view.instances[0]?.refusedSettings, refusedSettings);
});

Deno.test("viewFleet shows streams of instances that are gone, and no leases on other things", () => {
  const leases = [LEASE, { ...LEASE, stream: "nightly" }];
  const states = new Map([["database.old", { ...STATE, stream: "database:old" }]]);
  const view = viewFleet({
    members: [],
    leases,
    states,
    news: [],
    paused: new Set(["database.old"]),
  });
  assert.deepEqual(view.streams.map(({ name }) => name), [
    "collection:shop.orders",
    "database:old",
  ]);
  assert.deepEqual(view.streams.map(({ paused }) => paused), [false, true]);
});

Deno.test("viewFleet tells where an instance listens, if it does", () => {
  const members = [{ ...MEMBER, address: "10.0.0.1:8080" }];
  const view = viewFleet({ members, leases: [], states: new Map(), news: [], paused: new Set() });
  assert.equal(view.instances[0]?.address, "10.0.0.1:8080");
});

Deno.test("viewFleet shows what the owner of a stream tells, and of a free one where it failed", () => {
  const told = (owner: string, condition: "running" | "failed") => ({
    owner,
    streams: MEMBER.streams.map((key) => ({ key, condition, readEvents: 1, bufferedEvents: 0 })),
  });
  const conditions = (...news: InstanceNews[]) => {
    const found = { members: [MEMBER], leases: [LEASE], states: new Map(), news };
    const { streams } = viewFleet({ ...found, paused: new Set() });
    return streams.map(({ name, news }) => [name, news?.condition]);
  };
  assert.deepEqual(conditions(told("host-2", "failed"), told("host-1", "running")), [
    ["collection:shop.items", "failed"],
    ["collection:shop.orders", "running"],
  ]);
  const nowhere = { members: [], leases: [], states: new Map(), news: [told("host-2", "failed")] };
  const { streams } = viewFleet({ ...nowhere, paused: new Set(["database.new"]) });
  assert.deepEqual(streams.map(({ name, paused, news }) => [name, paused, news?.condition]), [
    ["collection:shop.items", false, "failed"],
    ["collection:shop.orders", false, "failed"],
    ["database:new", true, undefined],
  ]);
  assert.deepEqual(conditions(told("host-2", "running")), [
    ["collection:shop.items", undefined],
    ["collection:shop.orders", undefined],
  ]);
});

Deno.test("viewFleet says which instance is silent, and does not take its last words as of now", () => {
  const away = [{ name: "mongodb" as const, since: MEMBER.since, refuses: false }];
  const look = (told: Partial<ToldNews>) => {
    const news = [{ owner: MEMBER.owner, streams: [], away, ...told }];
    const { instances: [instance], streams } = viewFleet({
      ...{ members: [MEMBER], leases: [LEASE], states: new Map(), paused: new Set<string>(), news },
    });
    return { instance, silentMs: streams.map((stream) => stream.silentMs) };
  };
  const talking = look({ everyMs: 5000, ageMs: 10_000 });
  assert.deepEqual([talking.instance?.silence, talking.instance?.away], [undefined, away]);
  assert.deepEqual(talking.silentMs, [undefined, undefined]);
  const silent = look({ everyMs: 5000, ageMs: 10_001 });
  assert.deepEqual(silent.instance?.silence, { forMs: 10_001, leaseMsLeft: 20_000 });
  assert.equal(silent.instance?.away, undefined);
  // Nobody has the other one.
  assert.deepEqual(silent.silentMs, [undefined, 10_001]);
  // An older version does not say how often it talks.
  assert.equal(look({ ageMs: 15_001 }).instance?.silence, undefined);
});

Deno.test("viewFleet counts a stream that fails under its lease as failed, not as one that an instance runs", () => {
  const told = (condition: "running" | "failed") => {
    const streams = [{ key: LEASE.stream, condition, readEvents: 1, bufferedEvents: 0 }];
    const news = [{ owner: MEMBER.owner, streams }];
    const found = { members: [MEMBER], leases: [LEASE], states: new Map(), news };
    const [instance] = viewFleet({ ...found, paused: new Set() }).instances;
    return [instance?.streams, instance?.failed];
  };
  assert.deepEqual([told("running"), told("failed")], [[1, 1], [0, 2]]);
});
