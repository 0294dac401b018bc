import assert from "node:assert/strict";
import { endTogether, IdleWait } from "../../../../src/source/mongo/idle_wait.ts";
import { SeededRandom } from "../../../support/seeded_random.ts";

const OPTIONS = { awaitMs: 1000, wantedMsMax: 30_000, socketTimeoutMs: 0 };

/** What a server says whose oplog reaches back so far. */
function reachingBack(seconds: number | undefined) {
  const operationTime = { t: 1_000_000, i: 1 };
  const oldest = seconds === undefined ? {} : {
    oldestOplogTime: { t: operationTime.t - seconds, i: 1 },
  };
  return { identity: {}, version: "6.0.5", operationTime, ...oldest };
}

Deno.test("IdleWait.msMax is what is wanted where the oplog reaches back far, or nobody says how far", () => {
  const wait = new IdleWait(OPTIONS);
  assert.equal(wait.msMax, 30_000);
  wait.note(reachingBack(86_400));
  assert.equal(wait.msMax, 30_000);
  wait.note(reachingBack(undefined));
  assert.equal(wait.msMax, 30_000);
});

Deno.test("IdleWait.msMax is short where the oplog is, and follows it", () => {
  const wait = new IdleWait(OPTIONS);
  wait.note(reachingBack(60));
  assert.equal(wait.msMax, 8000, "eight times a busy stream's is always allowed");
  wait.note(reachingBack(600));
  assert.equal(wait.msMax, 15_000);
  wait.note(reachingBack(undefined));
  assert.equal(wait.msMax, 15_000);
  wait.note(reachingBack(6000));
  assert.equal(wait.msMax, 30_000);
});

Deno.test("IdleWait.msMax stays well within the connection's own timeout", () => {
  assert.equal(new IdleWait({ ...OPTIONS, socketTimeoutMs: 20_000 }).msMax, 10_000);
  assert.equal(new IdleWait({ ...OPTIONS, socketTimeoutMs: 5000 }).msMax, 2500);
});

Deno.test("endTogether makes a wait shorter by less than a tenth, to one of ten moments within its length", () => {
  const random = new SeededRandom(7);
  for (let i = 0; i < 1000; i++) {
    const waitMs = 2 + random.below(60_000);
    const nowMs = random.fraction() * 1e7;
    const ms = endTogether(waitMs, nowMs);
    assert.ok(Number.isInteger(ms) && ms > 0 && ms <= waitMs, `${ms} of ${waitMs}`);
    assert.ok(ms > waitMs * 0.9 - 1e-6, `${ms} of ${waitMs}`);
    const stepMs = waitMs / 10;
    const pastMs = (nowMs + ms) % stepMs;
    assert.ok(Math.min(pastMs, stepMs - pastMs) < 1, `${pastMs} ms past a moment`);
  }
});

Deno.test("endTogether gives streams that wait again one after the other the same end", () => {
  const ends = Array.from({ length: 40 }, (_, i) => {
    const nowMs = 90_000.4 + i;
    return Math.floor(nowMs + endTogether(30_000, nowMs));
  });
  assert.deepEqual(new Set(ends), new Set([120_000]));
});
