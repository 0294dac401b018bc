import assert from "node:assert/strict";
import { StreamBoard } from "../../../src/observe/stream_board.ts";
import { streamNews, STREAMS_TOLD_MAX } from "../../../src/observe/stream_news.ts";
import { isoTime } from "../../../src/support/clock.ts";
import { CARTS, objectStored, ORDERS, readingEvents, secondsAgo } from "../../support/monitor.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

const clock = new VirtualClock();
const at = isoTime(clock.wallMs());

Deno.test("streamNews tells how streams are, without secrets", () => {
  const board = new StreamBoard(clock);
  for (const event of readingEvents(clock)) board.take(ORDERS, event);
  board.take(ORDERS, objectStored("shop", "orders"));
  const error = `${"x".repeat(600)} mongodb://me:pa55@db1/`;
  board.take(CARTS, { type: "stream-failed", error, permanent: true, retryMs: 1 });
  const [carts, orders] = streamNews(board.streams, clock.wallMs());
  assert.deepEqual(orders, {
    ...{ key: ORDERS.key, condition: "running", readEvents: 0, bufferedEvents: 0 },
    lagMs: 10_000,
    highWater: secondsAgo(clock, 10).operationTime,
    inLake: secondsAgo(clock, 10).operationTime,
    lastObject: { key: "db=shop/coll=orders/1.parquet", rows: 3, bytes: 500, at },
  });
  const losses = { gaps: 1, voidedObjects: 2, deadLetters: 5, acceptedRecords: 0, seq: 9 };
  board.take(ORDERS, { type: "losses-known", ...losses });
  assert.equal(streamNews(board.streams, clock.wallMs())[1]?.lost, 3);
  assert.equal(carts?.condition, "failed");
  assert.equal(carts.error?.message, "x".repeat(500));
  assert.equal(carts.error?.since, at);
  board.take(CARTS, { type: "source-lost", reason: "mongodb://me:pa55@db1/ is away" });
  assert.equal(streamNews(board.streams, 0)[0]?.error?.message, "mongodb://***@db1/ is away");
});

Deno.test("streamNews tells of so many streams at most, of those with errors first", () => {
  const board = new StreamBoard(clock);
  for (let i = 0; i < STREAMS_TOLD_MAX + 10; i++) {
    const stream = { key: `s${i}`, name: `s${i}` };
    for (const event of readingEvents(clock)) board.take(stream, event);
  }
  board.take({ key: "z", name: "z" }, { type: "source-lost", reason: "away" });
  const told = streamNews(board.streams, 0);
  assert.equal(told.length, STREAMS_TOLD_MAX);
  assert.equal(told[0]?.key, "z");
});
