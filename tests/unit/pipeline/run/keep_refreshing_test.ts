import assert from "node:assert/strict";
import { keepRefreshing } from "../../../../src/pipeline/run/keep_refreshing.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

Deno.test("keepRefreshing goes on after a failure, and ends with the signal", async () => {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const failures: unknown[] = [];
  let calls = 0;
  const refresh = () => {
    calls++;
    if (calls === 4) stop.abort();
    return calls % 2 === 0 ? Promise.reject(new Error(`call ${calls}`)) : Promise.resolve();
  };
  const failed = (error: unknown) => void failures.push(error);
  const startMs = clock.monotonicMs();
  await clock.finish(keepRefreshing(refresh, 1000, clock, stop.signal, failed));
  assert.equal(calls, 4);
  assert.equal(clock.monotonicMs() - startMs, 4000);
  assert.deepEqual(failures.map(String), ["Error: call 2"]);
});
