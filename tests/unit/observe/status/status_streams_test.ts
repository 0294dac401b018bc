import assert from "node:assert/strict";
import type { FleetView } from "../../../../src/coordinate/fleet_view.ts";
import { isoTime } from "../../../../src/support/clock.ts";
import { CARTS, newMonitor, secondsAgo } from "../../../support/monitor.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

Deno.test("statusStreams shows of others' streams what they tell of them", async () => {
  const at = "2026-11-21T00:00:00.000Z";
  const { monitor, clock } = newMonitor({
    fleet: {
      tell: () => Promise.resolve(),
      view: () =>
        Promise.resolve({
          instances: [],
          streams: [{
            ...{ key: CARTS.key, name: CARTS.name, owner: "host-2-77", instance: "host-2" },
            ...{ events: 900, objects: 9, bytes: 90, deadLetters: 0, paused: false },
            position: secondsAgo(clock, 9).operationTime,
            news: {
              ...{ key: CARTS.key, condition: "waiting", readEvents: 7, bufferedEvents: 2 },
              lagMs: 3020,
              lost: 2,
              lastObject: { key: "db=shop/1.parquet", rows: 3, bytes: 500, at },
              error: { message: "S3 is away", at },
            },
          }],
        }),
    },
  });
  await using _ = monitor;
  await clock.settle();
  const [stream] = monitor.status().streams;
  assert.equal(stream?.condition, "waiting");
  assert.equal(stream.owner, "host-2");
  assert.deepEqual([stream.lagSeconds, stream.positionAgeSeconds], [3, 9]);
  assert.equal(stream.bufferedEvents, 2);
  assert.equal(stream.lost, 2);
  assert.ok(monitor.status().causes.some(({ id }) => id === "history-lost"));
  assert.deepEqual(stream.lastObject, { key: "db=shop/1.parquet", rows: 3, bytes: 500, at });
  assert.deepEqual(stream.error, { message: "S3 is away", at, since: at });
});

Deno.test("statusStreams shows what nobody has any more as free, and older and older", async () => {
  const view = (clock: VirtualClock): FleetView => ({
    instances: [],
    streams: [{
      ...{ key: CARTS.key, name: CARTS.name, owner: "host-2-77", instance: "host-2" },
      ...{ events: 900, objects: 9, bytes: 90, deadLetters: 0, paused: false, offered: true },
      generation: 3,
      position: secondsAgo(clock, 9).operationTime,
      news: {
        ...{ key: CARTS.key, condition: "running", readEvents: 7, bufferedEvents: 2 },
        highWater: secondsAgo(clock, 1).operationTime,
        inLake: secondsAgo(clock, 3).operationTime,
      },
    }],
  });
  let isAway = false;
  const clock = new VirtualClock();
  const { monitor } = newMonitor({
    clock,
    leaseTtlMs: 30_000,
    fleet: {
      tell: () => Promise.resolve(),
      view: () => isAway ? Promise.reject(new Error("away")) : Promise.resolve(view(clock)),
    },
  });
  await using _ = monitor;
  await clock.settle();
  isAway = true;
  await clock.advance(29_000);
  const held = monitor.status().streams[0];
  assert.deepEqual([held?.condition, held?.owner, held?.lagSeconds], ["running", "host-2", 30]);
  await clock.advance(1000);
  const [stream] = monitor.status().streams;
  assert.deepEqual(
    [stream?.condition, stream?.owner, stream?.generation, stream?.freeSince],
    ["free", null, null, isoTime(clock.wallMs())],
  );
  // A hand-over is no fault.
  assert.deepEqual(monitor.status().causes, []);
  assert.deepEqual(
    [stream?.lagSeconds, stream?.lakeLagSeconds, stream?.positionAgeSeconds],
    [31, 33, 39],
  );
  assert.equal(stream?.events, 900);
  await clock.advance(12_000);
  assert.equal(monitor.status().streams[0]?.freeSince, isoTime(clock.wallMs() - 12_000));
  assert.equal(monitor.status().causes[0]?.id, "streams-free");
});
