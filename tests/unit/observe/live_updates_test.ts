import assert from "node:assert/strict";
import { LiveUpdates } from "../../../src/observe/live_updates.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

type Reader = ReadableStreamDefaultReader<Uint8Array>;

async function next(reader: Reader): Promise<string | undefined> {
  const { value, done } = await reader.read();
  return done ? undefined : new TextDecoder().decode(value);
}

Deno.test("LiveUpdates tell the state of now at once, and again every two seconds", async () => {
  const clock = new VirtualClock();
  let n = 0;
  using live = new LiveUpdates(clock, () => ({ n: ++n }));
  const response = live.open();
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  const reader = response.body!.getReader();
  assert.equal(await next(reader), 'event: status\ndata: {"n":1}\n\n');
  await clock.advance(2000);
  assert.equal(await next(reader), 'event: status\ndata: {"n":2}\n\n');
});

Deno.test("LiveUpdates make one text for all, and none once nobody listens", async () => {
  const clock = new VirtualClock();
  let made = 0;
  using live = new LiveUpdates(clock, () => ++made);
  const readers = [live.open(), live.open()].map((response) => response.body!.getReader());
  assert.equal(made, 2);
  await clock.advance(2000);
  assert.equal(made, 3);
  for (const reader of readers) await reader.cancel();
  assert.equal(live.listenerCount, 0);
  await clock.advance(10_000);
  assert.equal(made, 3);
  assert.equal(clock.timerCount, 0);
});

Deno.test("LiveUpdates leave out what a slow listener does not take", async () => {
  const clock = new VirtualClock();
  let n = 0;
  using live = new LiveUpdates(clock, () => ++n);
  const reader = live.open().body!.getReader();
  await clock.advance(20_000);
  assert.match((await next(reader))!, /data: 1\n/);
  assert.match((await next(reader))!, /data: 2\n/);
  await clock.advance(2000);
  assert.match((await next(reader))!, /data: 12\n/);
});

Deno.test("LiveUpdates refuse more listeners than they may have, and all after their end", async () => {
  const clock = new VirtualClock();
  const live = new LiveUpdates(clock, () => 1);
  const responses = Array.from({ length: 51 }, () => live.open());
  assert.deepEqual([responses[49]!.status, responses[50]!.status], [200, 503]);
  live[Symbol.dispose]();
  const reader = responses[0]!.body!.getReader();
  assert.notEqual(await next(reader), undefined);
  assert.equal(await next(reader), undefined);
  assert.equal(live.open().status, 503);
  assert.equal(clock.timerCount, 0);
});

Deno.test("LiveUpdates tell much more seldom than little, but soon enough", async () => {
  for (const [bytes, updates] of [[100, 10], [300_000, 6], [5_000_000, 5]] as const) {
    const clock = new VirtualClock();
    let made = 0;
    using live = new LiveUpdates(clock, () => {
      made++;
      return "x".repeat(bytes);
    });
    const reader = live.open().body!.getReader();
    await clock.advance(2000);
    made = 0;
    await clock.advance(20_000);
    assert.equal(made, updates);
    await reader.cancel();
  }
});
