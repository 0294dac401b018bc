import assert from "node:assert/strict";
import { RateHistory, SAMPLES_MAX } from "../../../src/observe/rate_history.ts";

Deno.test("RateHistory makes events a second of counts that grow", () => {
  const rates = new RateHistory();
  rates.sample(new Map([["a", 100]]), 0);
  assert.deepEqual(rates.of("a"), []);
  rates.sample(new Map([["a", 150]]), 5000);
  rates.sample(new Map([["a", 151]]), 8000);
  assert.deepEqual(rates.of("a"), [10, 0.3]);
});

Deno.test("RateHistory begins anew where a count went back, and forgets what is gone", () => {
  const rates = new RateHistory();
  for (const [atMs, count] of [[0, 100], [1000, 5], [2000, 7]] as const) {
    rates.sample(new Map([["a", count]]), atMs);
  }
  assert.deepEqual(rates.of("a"), [0, 2]);
  rates.sample(new Map(), 3000);
  assert.deepEqual(rates.of("a"), []);
});

Deno.test("RateHistory keeps the last samples only", () => {
  const rates = new RateHistory();
  for (let i = 0; i <= SAMPLES_MAX + 5; i++) rates.sample(new Map([["a", i * i]]), i * 1000);
  assert.equal(rates.of("a").length, SAMPLES_MAX);
  assert.equal(rates.of("a").at(-1), 2 * (SAMPLES_MAX + 5) - 1);
});
