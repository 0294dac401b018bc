import assert from "node:assert/strict";
import { LiveUpdates } from "../../../../src/observe/http/live_updates.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

type Reader = ReadableStreamDefaultReader<Uint8Array>;

async function next(reader: Reader): Promise<string | undefined> {
  const { value, done } = await reader.read();
  return done ? undefined : new TextDecoder().decode(value);
}

/** Nobody here wants changes. */
const NONE = { next: () => assert.fail("Nobody asked for changes") };

Deno.test("LiveUpdates tell the state of now at once, and again every two seconds", async () => {
  const clock = new VirtualClock();
  let n = 0;
  using live = new LiveUpdates(clock, () => ({ n: ++n }), NONE);
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
  using live = new LiveUpdates(clock, () => ++made, NONE);
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
  using live = new LiveUpdates(clock, () => ++n, NONE);
  const reader = live.open().body!.getReader();
  await clock.advance(20_000);
  assert.match((await next(reader))!, /data: 1\n/);
  assert.match((await next(reader))!, /data: 2\n/);
  await clock.advance(2000);
  assert.match((await next(reader))!, /data: 12\n/);
});

Deno.test("LiveUpdates refuse more listeners than they may have, and all after their end", async () => {
  const clock = new VirtualClock();
  const live = new LiveUpdates(clock, () => 1, NONE);
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
    }, NONE);
    const reader = live.open().body!.getReader();
    await clock.advance(2000);
    made = 0;
    await clock.advance(20_000);
    assert.equal(made, updates);
    await reader.cancel();
  }
});

Deno.test("LiveUpdates tell changes alone to who wants them, and all to who missed some", async () => {
  const clock = new VirtualClock();
  let n = 0;
  let told = 0;
  const changes = {
    next: (now: number) => {
      const from = told;
      return `${from} to ${told = now}`;
    },
  };
  using live = new LiveUpdates(clock, () => ++n, changes);
  const reader = live.open(true).body!.getReader();
  const other = live.open().body!.getReader();
  const read = async (from: Reader) => {
    await clock.advance(2000);
    return (await next(from))!.replace(/^event: (.*)\ndata: (.*)\n\n$/, "$1 $2");
  };
  const readers = [reader, other];
  for (const each of readers) await next(each);
  assert.deepEqual([await read(reader), await read(reader)], ["status 3", 'change "3 to 4"']);
  assert.deepEqual([await read(other), await read(other)], ["status 3", "status 4"]);
  // Two wait for it, and the rest is left out: it is told all again.
  await clock.advance(20_000);
  const late = [];
  for (let i = 0; i < 5; i++) late.push(await read(reader));
  assert.deepEqual(late.map((text) => text.split(" ")[0]), [
    ...["change", "change", "status", "change", "change"],
  ]);
});
