import assert from "node:assert/strict";
import fc from "fast-check";
import { EventCollector } from "../../../../src/pipeline/batch/event_collector.ts";
import { replyOf, sketchToken, tokensIn } from "../../../support/event_factory.ts";

const EVENTS = Array.from({ length: 40 }, (_, i) => ({
  t: 10,
  i: i + 1,
  database: "shop",
  collection: "orders",
  payload: "x".repeat((i * 397) % 5000),
}));

Deno.test("EventCollector holds what was added, in order, however it comes in runs", () => {
  const { bytes, starts } = replyOf(EVENTS);
  const cuts = fc.uniqueArray(fc.integer({ min: 0, max: EVENTS.length }), { maxLength: 30 });
  fc.assert(fc.property(cuts, (cuts) => {
    const collector = new EventCollector();
    const bounds = [0, ...cuts.sort((a, b) => a - b), EVENTS.length];
    for (let n = 1; n < bounds.length; n++) {
      collector.add(bytes, starts, bounds[n - 1]!, bounds[n]!);
      assert.equal(collector.count, bounds[n]);
    }
    assert.deepEqual(tokensIn(collector.take()), EVENTS.map(sketchToken));
  }));
});

Deno.test("EventCollector begins anew after take", () => {
  const { bytes, starts } = replyOf(EVENTS);
  const collector = new EventCollector();
  collector.add(bytes, starts, 0, 3);
  collector.take();
  assert.equal(collector.count, 0);
  assert.deepEqual(collector.take(), []);
  collector.add(bytes, starts, 5, 6);
  assert.deepEqual(tokensIn(collector.take()), [sketchToken(EVENTS[5]!)]);
});

Deno.test("EventCollector needs one chunk of the right size for a long run", () => {
  const { bytes, starts } = replyOf(EVENTS);
  const collector = new EventCollector();
  collector.add(bytes, starts, 0, EVENTS.length);
  const chunks = collector.take();
  assert.equal(chunks.length, 1);
  assert.equal(chunks[0]!.bytes.length, bytes.length);
});

Deno.test("EventCollector wastes little memory on an object of one small event", () => {
  const { bytes, starts } = replyOf([{ t: 1, i: 1, database: "a", collection: "b" }]);
  const collector = new EventCollector();
  collector.add(bytes, starts, 0, 1);
  assert(collector.take()[0]!.bytes.length <= 4096);
});

Deno.test("EventCollector.takePart gives away what came so far while the count goes on", () => {
  const { bytes, starts } = replyOf(EVENTS);
  const collector = new EventCollector();
  collector.add(bytes, starts, 0, 30);
  collector.add(bytes, starts, 30, 31);
  assert.equal(collector.bytesHeld, starts[31]);
  const part = collector.takePart();
  assert.deepEqual([collector.bytesHeld, collector.count], [0, 31]);
  assert.deepEqual(collector.takePart(), []);
  collector.add(bytes, starts, 31, 33);
  assert.equal(collector.count, 33);
  const rest = collector.take();
  assert.deepEqual(tokensIn([...part, ...rest]), EVENTS.slice(0, 33).map(sketchToken));
  assert.deepEqual([collector.bytesHeld, collector.count], [0, 0]);
});

Deno.test("EventCollector cuts documents into chunks of half a megabyte, each with the number of its first row", () => {
  const KB = 1024;
  const sizes = [200, 200, 200, 1500, 5, 250, 250, 250].map((kilobytes) => kilobytes * KB);
  let at = 0;
  const starts = Uint32Array.from([7, ...sizes], (bytes) => (at += bytes) - bytes);
  const source = new Uint8Array(at);
  const view = new DataView(source.buffer);
  starts.forEach((start, i) => view.setInt32(start, [7, ...sizes][i]!, true));
  const rows = {
    ...{ database: "shop", collection: "orders", time: { t: 1, i: 1 } },
    ...{ suffix: "", row: 100 },
  };
  const collector = new EventCollector();
  collector.addDocuments(source, starts, 1, 9, rows);
  assert.deepEqual([collector.count, collector.bytesHeld], [8, at - 7]);
  const chunks = collector.take();
  assert.deepEqual(
    chunks.map(({ bytes, starts, rows }) => [bytes.length / KB, starts.length, rows?.row]),
    [[600, 3, 101], [1500, 1, 104], [755, 4, 105]],
  );
  for (const { bytes, starts } of chunks) {
    const sizesAt = [...starts].map((start) => new DataView(bytes.buffer).getInt32(start, true));
    assert.equal(sizesAt.reduce((sum, size) => sum + size, 0), bytes.length);
  }
});
