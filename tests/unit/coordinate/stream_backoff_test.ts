import assert from "node:assert/strict";
import { Failures } from "../../../src/coordinate/stream_backoff.ts";
import { SeededRandom } from "../../support/seeded_random.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

const BACKOFF = { firstMs: 1000, maxMs: 8000 };

function failures(): { clock: VirtualClock; failures: Failures } {
  const clock = new VirtualClock();
  return { clock, failures: new Failures(clock, new SeededRandom(3), BACKOFF) };
}

Deno.test("Failures leaves a stream alone for longer with each failure", async () => {
  const { clock, failures: all } = failures();
  assert.equal(all.leftMs("x"), 0);
  for (const limitMs of [1000, 2000, 4000, 8000, 8000]) {
    all.failed("x", 0);
    const leftMs = all.leftMs("x");
    assert(leftMs >= limitMs / 2 && leftMs <= limitMs, `${leftMs} of ${limitMs}`);
    await clock.advance(leftMs);
    assert.equal(all.leftMs("x"), 0);
  }
  assert.equal(all.leftMs("y"), 0);
});

Deno.test("Failures begins anew after a run that lasted", () => {
  const { failures: all } = failures();
  for (let i = 0; i < 5; i++) all.failed("x", 59_999);
  assert(all.leftMs("x") > 1000);
  all.failed("x", 60_000);
  assert(all.leftMs("x") <= 1000);
});

Deno.test("Failures shows a stream as failing until it runs, but remembers the count", () => {
  const { failures: all } = failures();
  all.runs("x");
  assert.equal(all.isFailing("x"), false);
  all.failed("x", 0);
  assert.equal(all.isFailing("x"), true);
  all.runs("x");
  assert.equal(all.isFailing("x"), false);
  all.failed("x", 0);
  assert(all.leftMs("x") >= 1000);
});

Deno.test("Failures forgets streams that do not exist any more", () => {
  const { failures: all } = failures();
  all.failed("x", 0);
  all.failed("y", 0);
  all.forgetAllBut(new Set(["y"]));
  assert.equal(all.isFailing("x"), false);
  assert.equal(all.isFailing("y"), true);
});

Deno.test("Failures knows what only another configuration can mend, until it runs", () => {
  const { failures: all } = failures();
  all.failed("x", 0);
  assert.equal(all.needsConfiguration("x"), false);
  const retryMs = all.failed("x", 0, true);
  assert(retryMs > 0 && retryMs === all.leftMs("x"));
  assert.equal(all.needsConfiguration("x"), true);
  all.runs("x");
  assert.equal(all.needsConfiguration("x"), false);
});

Deno.test("Failures lets be tried now what something else may have failed by, and not what needs a configuration", async () => {
  const { clock, failures: all } = failures();
  for (let i = 0; i < 5; i++) all.failed("x", 0);
  all.failed("y", 0, true);
  all.tryNow();
  assert.equal(all.leftMs("x"), 0);
  assert.equal(all.isFailing("x"), true);
  assert(all.leftMs("y") > 0);
  await clock.advance(1);
  assert(all.failed("x", 0) <= BACKOFF.firstMs);
});

Deno.test("Failures knows when the next of some streams may be tried", async () => {
  const { clock, failures: all } = failures();
  assert.equal(all.nextMs(["x", "y"]), Infinity);
  all.failed("x", 0);
  all.failed("y", 0);
  const nextMs = Math.min(all.leftMs("x"), all.leftMs("y"));
  assert.equal(all.nextMs(["x", "y", "z"]), nextMs);
  await clock.advance(1000);
  assert.equal(all.nextMs(["x", "y"]), Infinity);
});
