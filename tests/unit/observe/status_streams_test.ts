import assert from "node:assert/strict";
import { CARTS, newMonitor, secondsAgo } from "../../support/monitor.ts";

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
  assert.deepEqual(stream.lastObject, { key: "db=shop/1.parquet", rows: 3, bytes: 500, at });
  assert.deepEqual(stream.error, { message: "S3 is away", at, since: at });
});
