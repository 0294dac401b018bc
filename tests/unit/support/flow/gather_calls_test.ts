import assert from "node:assert/strict";
import { gatherCalls } from "../../../../src/support/flow/gather_calls.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

Deno.test("gatherCalls does the work once for calls that come together, and not after the end", async () => {
  const clock = new VirtualClock();
  const end = new AbortController();
  let done = 0;
  const call = gatherCalls(clock, 1_000, end.signal, () => void done++);
  call();
  await clock.advance(900);
  call();
  assert.equal(done, 0);
  await clock.advance(100);
  assert.equal(done, 1);
  await clock.advance(5_000);
  assert.equal(done, 1);
  call();
  end.abort();
  await clock.advance(5_000);
  call();
  await clock.advance(5_000);
  assert.equal(done, 1);
});
