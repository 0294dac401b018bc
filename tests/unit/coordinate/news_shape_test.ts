import assert from "node:assert/strict";
import { newsText, readNews } from "../../../src/coordinate/news_shape.ts";

const STREAM = { key: "k", condition: "running", readEvents: 1, bufferedEvents: 0 };

Deno.test("readNews takes what an instance tells, and nothing for what none would tell", () => {
  const at = "2026-11-21T00:00:00.000Z";
  const news = {
    owner: "host-1",
    oplog: { operationTime: { t: 9, i: 1 }, oldestOplogTime: { t: 1, i: 1 }, isOplogWhole: true },
    streams: [STREAM, {
      ...STREAM,
      lagMs: 12,
      highWater: { t: 5, i: 1 },
      inLake: { t: 4, i: 2 },
      lost: 2,
      alone: "slow",
      lastObject: { key: "o", rows: 1, bytes: 2, at },
      error: { message: "no", at, since: at },
    }],
    changeStreams: 3,
    refusedSettings: { since: at, reason: "BATCH_SIZE is 0" },
    away: [{ name: "redis", since: at, refuses: false }, {
      ...{ name: "destination", since: at, reason: "no room", refuses: true },
    }],
  };
  assert.deepEqual(readNews(JSON.stringify(news), 9), news);
  for (const streams of [[{ ...STREAM, condition: "asleep" }], {}]) {
    assert.equal(readNews(JSON.stringify({ owner: "host-1", streams }), 9), undefined);
  }
  // A newer version may tell more.
  const newer = { owner: "host-1", streams: [{ ...STREAM, mood: 1 }], weather: "fine" };
  assert.deepEqual(readNews(JSON.stringify(newer), 9), { owner: "host-1", streams: [STREAM] });
  for (const text of ["", "null", "[]", "{"]) assert.equal(readNews(text, 9), undefined);
});

Deno.test("readNews says how old the news are by how long they are still kept", () => {
  const text = newsText({ owner: "host-1", everyMs: 5000, streams: [] }, 30_000);
  const ageMs = (leftMs: number) => readNews(text, leftMs)?.ageMs;
  assert.deepEqual([ageMs(30_000), ageMs(12_000), ageMs(30_001)], [0, 18_000, 0]);
  // An older version does not say for how long it wanted them to be kept.
  assert.equal(readNews('{"owner":"host-1","streams":[]}', 12_000)?.ageMs, undefined);
});
