import assert from "node:assert/strict";
import { type EventCount, RateHistory, SAMPLES_MAX } from "../../../src/observe/rate_history.ts";

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
