import assert from "node:assert/strict";
import {
  COARSE_SAMPLES_MAX,
  type EventCount,
  RateHistory,
  SAMPLES_MAX,
} from "../../../../src/observe/status/rate_history.ts";

function countOf(events: number, source = "x"): ReadonlyMap<string, EventCount> {
  return new Map([["a", { source, events }]]);
}

Deno.test("RateHistory makes events a second of counts that grow", () => {
  const rates = new RateHistory();
  rates.sample(countOf(100), 0);
  assert.deepEqual(rates.of("a"), []);
  rates.sample(countOf(150), 5000);
  rates.sample(countOf(151), 8000);
  assert.deepEqual(rates.of("a"), [10, 0.3]);
});

Deno.test("RateHistory begins anew where a count went back, and forgets what is gone", () => {
  const rates = new RateHistory();
  for (const [atMs, count] of [[0, 100], [1000, 5], [2000, 7]] as const) {
    rates.sample(countOf(count), atMs);
  }
  assert.deepEqual(rates.of("a"), [2]);
  rates.sample(new Map(), 3000);
  assert.deepEqual(rates.of("a"), []);
});

Deno.test("RateHistory does not take for events that somebody else counts on", () => {
  const rates = new RateHistory();
  rates.sample(countOf(100, "read by me"), 0);
  rates.sample(countOf(1_000_000, "stored"), 1000);
  rates.sample(countOf(1_000_007, "stored"), 2000);
  assert.deepEqual(rates.of("a"), [7]);
});

Deno.test("RateHistory keeps the last samples only", () => {
  const rates = new RateHistory();
  for (let i = 0; i <= SAMPLES_MAX + 5; i++) rates.sample(countOf(i * i), i * 1000);
  assert.equal(rates.of("a").length, SAMPLES_MAX);
  assert.equal(rates.of("a").at(-1), 2 * (SAMPLES_MAX + 5) - 1);
});

Deno.test("RateHistory tells of an hour: a mean a minute, then each sample of the last five", () => {
  const rates = new RateHistory();
  // One event a second in the first hour, three a second from then on.
  const events = (second: number) => Math.min(second, 3600) + 3 * Math.max(0, second - 3600);
  for (let second = 0; second <= 4200; second += 5) {
    rates.sample(countOf(events(second)), second * 1000);
  }
  const { secondsAgo, total, streams } = rates.overTime(["a", "nobody"], 4200_000);
  assert.deepEqual(Object.keys(streams), ["a"]);
  assert.deepEqual(total, streams.a);
  assert.equal(total.length, secondsAgo.length);
  assert.deepEqual([secondsAgo[0], secondsAgo.at(-1)], [3540, 0]);
  assert.ok(secondsAgo.every((ago, i) => i === 0 || ago < secondsAgo[i - 1]!));
  assert.ok(total.length <= SAMPLES_MAX + COARSE_SAMPLES_MAX);
  const rateAt = (ago: number) => total[secondsAgo.findIndex((each) => each <= ago)];
  assert.deepEqual([rateAt(3540), rateAt(600), rateAt(540), rateAt(0)], [1, 1, 3, 3]);
});

Deno.test("RateHistory tells of a stream from when it is known, and says where it knows nothing", () => {
  const rates = new RateHistory();
  const both = (b: EventCount) => new Map([["a", { source: "x", events: 0 }], ["b", b]]);
  rates.sample(countOf(0), 0);
  rates.sample(countOf(0), 5000);
  rates.sample(both({ source: "x", events: 5 }), 10_000);
  rates.sample(both({ source: "x", events: 10 }), 15_000);
  rates.sample(both({ source: "y", events: 90 }), 20_000);
  rates.sample(both({ source: "y", events: 100 }), 25_000);
  const { secondsAgo, total, streams } = rates.overTime(["a", "b"], 26_000);
  assert.deepEqual(secondsAgo, [26, 21, 16, 11, 6, 1]);
  assert.deepEqual(streams.a, [0, 0, 0, 0, 0]);
  assert.deepEqual(streams.b, [1, null, 2]);
  assert.deepEqual(total, [0, 0, 1, 0, 2]);
});
