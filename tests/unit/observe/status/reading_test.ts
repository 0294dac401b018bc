import assert from "node:assert/strict";
import type { InstanceNews } from "../../../../src/coordinate/news.ts";
import {
  countByReason,
  type ReadingFacts,
  statusReading,
  WHY_ALONE,
} from "../../../../src/observe/status/reading.ts";
import { CARTS, newMonitor, ORDERS, readingEvents } from "../../../support/monitor.ts";

const READING: ReadingFacts = {
  readers: [
    { form: "database shop", members: [ORDERS.name, "collection:shop.items"] },
    { form: undefined, members: ["collection:logs.a"] },
    { form: "collection", members: [CARTS.name], alone: "slow" },
    { form: "collection", members: ["collection:shop.big"], alone: "slow" },
    { form: "deployment", members: ["deployment"], alone: "level" },
  ],
  waiting: ["collection:shop.late"],
};

Deno.test("statusReading counts change streams, and says who is alone and why", () => {
  assert.deepEqual(statusReading(READING), {
    changeStreams: 5,
    shared: [
      { watched: "database shop", streams: 2 },
      { watched: null, streams: 1 },
      { watched: "deployment", streams: 1 },
    ],
    alone: [{
      ...{ reason: "slow", why: WHY_ALONE["slow"], streams: 2 },
      names: ["collection:shop.big", CARTS.name],
    }],
    waiting: 1,
  });
  assert.deepEqual(Object.fromEntries(countByReason(READING)), { "": 4, slow: 2 });
});

Deno.test("statusReading names only some of hundreds of streams that are alone", () => {
  const readers = Array.from(
    { length: 300 },
    (_, i) => ({ form: "collection", members: [`collection:a.c${i}`], alone: "rights" }),
  );
  const { alone } = statusReading({ readers, waiting: [] });
  assert.deepEqual(alone.map(({ streams, names }) => [streams, names.length]), [[300, 10]]);
});

Deno.test("a status says of each stream by what it is read, and the others are told of what is alone", async () => {
  const told: Omit<InstanceNews, "owner">[] = [];
  const { monitor, clock } = newMonitor({
    reading: () => READING,
    fleet: {
      tell: (news) => Promise.resolve(void told.push(news)),
      view: () => Promise.resolve({ instances: [], streams: [] }),
    },
  });
  await using _ = monitor;
  for (const stream of [ORDERS, CARTS]) {
    for (const event of readingEvents(clock)) monitor.pipelineEvent(stream, event);
  }
  await clock.advance(5_000);
  const { streams, reading, instances } = monitor.status();
  assert.deepEqual(streams.map(({ reader }) => reader), [
    { watched: "collection", streams: 1, alone: "slow" },
    { watched: "database shop", streams: 2, alone: null },
  ]);
  assert.equal(reading.changeStreams, 5);
  assert.equal(instances[0]?.changeStreams, 5);
  const { changeStreams, streams: news } = told.at(-1)!;
  assert.equal(changeStreams, 5);
  assert.deepEqual(news.map(({ alone }) => alone), ["slow", undefined]);
});

Deno.test("a status shows what others tell of how they read", async () => {
  const { monitor, clock } = newMonitor({
    fleet: {
      tell: () => Promise.resolve(),
      view: () =>
        Promise.resolve({
          instances: [{
            ...{ id: "host-2-77", name: "host-2", version: "1.2.3", since: "2026-11-21T00:00:00Z" },
            ...{ leaving: false, streams: 1, failed: 0, changeStreams: 7 },
          }],
          streams: [{
            ...{ key: CARTS.key, name: CARTS.name, owner: "host-2-77", instance: "host-2" },
            ...{ events: 900, objects: 9, bytes: 90, deadLetters: 0, paused: false },
            news: {
              ...{ key: CARTS.key, condition: "running", readEvents: 7, bufferedEvents: 2 },
              alone: "rights",
            },
          }],
        }),
    },
  });
  await using _ = monitor;
  await clock.settle();
  const { streams, instances } = monitor.status();
  assert.deepEqual(streams[0]?.reader, { watched: "collection", streams: 1, alone: "rights" });
  assert.equal(instances.find(({ name }) => name === "host-2")?.changeStreams, 7);
});

Deno.test("a change stream that many shared and that was lost says that MongoDB may be away", async () => {
  const { monitor, clock } = newMonitor();
  await using _ = monitor;
  await clock.settle();
  monitor.readingEvent({ type: "group-lost", members: 200, reason: "the server is gone" });
  const state = () => monitor.status().dependencies.find(({ name }) => name === "mongodb")?.state;
  assert.equal(state(), "unhealthy");
  // What was read before is still taken, and each stream hears now and then that there is nothing new.
  const highWater = { t: 1, i: 1 };
  const reply = { type: "reply-read", events: 0, bytes: 0, waitMs: 1, highWater } as const;
  monitor.pipelineEvent(ORDERS, { ...reply, isSecondHand: true });
  assert.equal(state(), "unhealthy");
  monitor.readingEvent({ type: "group-read" });
  assert.equal(state(), "healthy");
});
