import assert from "node:assert/strict";
import { viewOfFleet } from "../../../../src/cli/text/status_view.ts";
import { viewFleet } from "../../../../src/coordinate/fleet_view.ts";
import type { StreamNews } from "../../../../src/coordinate/news.ts";
import { positionAt } from "../../../../src/model/position.ts";

const LIMITS = { lagSeconds: 300, lakeLagSeconds: 330 };
const NOW_S = 10_000;
const KEY = "collection.shop.orders";

function row(news: Partial<StreamNews> | undefined, isHeld = true, streams = [KEY], told = {}) {
  const since = "1970-01-01T00:00:00.000Z";
  const who = { owner: "host-1", instance: "one", since };
  const stream = { key: KEY, condition: "running", readEvents: 0, bufferedEvents: 0 } as const;
  const oplog = { operationTime: { t: NOW_S, i: 1 }, oldestOplogTime: { t: 1000, i: 1 } };
  const view = viewFleet({
    members: [{ ...who, version: "1", streams, failed: 0, isLeaving: false }],
    leases: isHeld ? [{ ...who, stream: KEY, generation: 2, leftMs: Infinity }] : [],
    states: new Map([[KEY, {
      ...{ stream: "collection:shop.orders", seq: 3, generation: 1, owner: "host-1" },
      ...{ position: positionAt({ t: NOW_S - 200, i: 4 }), events: 5, objects: 3, bytes: 99 },
      ...{ deadLetters: 1, updatedAt: since },
    }]]),
    news: news === undefined
      ? []
      : [{ owner: "host-1", streams: [{ ...stream, ...news }], oplog, ...told }],
    paused: new Set<string>(),
  });
  return viewOfFleet(view, NOW_S * 1000, LIMITS);
}

Deno.test("an idle stream is as far in the lake as it is told, not as its saved position", () => {
  const time = { t: NOW_S - 3, i: 1 };
  const { streams: [stream], causes, oplogWindowSeconds } = row({ highWater: time, inLake: time });
  assert.deepEqual(
    [stream?.lagSeconds, stream?.lakeLagSeconds, stream?.positionAgeSeconds],
    [3, 3, 200],
  );
  assert.deepEqual([stream?.oplogHeadroomSeconds, oplogWindowSeconds], [8800, 9000]);
  assert.deepEqual([stream?.condition, stream?.leaseMsLeft, causes], ["running", null, []]);
});

Deno.test("of what nobody tells, the saved position is what is known", () => {
  const { streams: [stream] } = row(undefined);
  assert.deepEqual(
    [stream?.condition, stream?.lagSeconds, stream?.lakeLagSeconds, stream?.oplogHeadroomSeconds],
    ["elsewhere", 200, 200, null],
  );
  assert.equal(stream?.position, `${NOW_S - 200}.4`);
  // An older version tells only how far behind it was.
  assert.equal(row({ lagMs: 7000 }).streams[0]?.lagSeconds, 7);
});

Deno.test("a stream that nobody has is free, and a cause", () => {
  const { streams: [stream], causes } = row(undefined, false);
  assert.deepEqual([stream?.condition, stream?.owner, stream?.instance], ["free", null, null]);
  assert.deepEqual(causes.map(({ id }) => id), ["streams-free"]);
});

Deno.test("a stream that no instance would run has ended, and is no cause", () => {
  const { streams: [stream], causes } = row(undefined, false, []);
  assert.deepEqual([stream?.condition, causes], ["closed", []]);
});

Deno.test("what an instance tells to be read alone is shown so", () => {
  const reader = { watched: "collection", streams: 1, alone: "slow" };
  assert.deepEqual(row({ alone: "slow" }).streams[0]?.reader, reader);
  assert.equal(row({}).streams[0]?.reader, undefined);
});

Deno.test("what an instance tells is lost is a cause, wherever it is looked at", () => {
  const time = { t: NOW_S - 3, i: 1 };
  const { streams: [stream], causes } = row({ highWater: time, inLake: time, lost: 2 });
  assert.equal(stream?.lost, 2);
  assert.deepEqual(causes.map(({ id }) => id), ["history-lost"]);
});

Deno.test("a stream whose holder is silent is nobody's, wherever it is looked at", () => {
  const time = { t: NOW_S - 28, i: 1 };
  const { streams: [stream], instances: [instance], causes } = row(
    { highWater: time, inLake: time },
    true,
    [KEY],
    { everyMs: 5000, ageMs: 27_000 },
  );
  assert.deepEqual(
    [stream?.condition, stream?.owner, stream?.instance, stream?.leftBy, stream?.lakeLagSeconds],
    ["free", null, null, "one", 28],
  );
  const silentSince = new Date((NOW_S - 27) * 1000).toISOString();
  assert.deepEqual([instance?.state, instance?.silentSince], ["silent", silentSince]);
  assert.deepEqual(causes.map(({ id }) => id), ["instance-silent"]);
});
