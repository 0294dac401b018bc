import assert from "node:assert/strict";
import { readNews } from "../../../src/coordinate/news_shape.ts";

const STREAM = { key: "k", condition: "running", readEvents: 1, bufferedEvents: 0 };

Deno.test("readNews takes what an instance tells, and nothing for what none would tell", () => {
  const at = "2026-11-21T00:00:00.000Z";
  const news = {
    owner: "host-1",
    streams: [STREAM, {
      ...STREAM,
      lagMs: 12,
      lastObject: { key: "o", rows: 1, bytes: 2, at },
      error: { message: "no", at },
    }],
  };
  assert.deepEqual(readNews(JSON.stringify(news)), news);
  for (const streams of [[{ ...STREAM, condition: "asleep" }], [{ ...STREAM, mood: 1 }], {}]) {
    assert.equal(readNews(JSON.stringify({ owner: "host-1", streams })), undefined);
  }
  for (const text of ["", "null", "[]", "{"]) assert.equal(readNews(text), undefined);
});
