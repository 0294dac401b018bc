import assert from "node:assert/strict";
import { BSON } from "bson";
import fc from "fast-check";
import { comparePositions, positionAt } from "../../../../src/model/position.ts";
import type { BucketRule } from "../../../../src/model/settings.ts";
import type { Stream } from "../../../../src/model/stream.ts";
import { type Batch, Batcher, type BatchLimits } from "../../../../src/pipeline/batch/batcher.ts";
import type { BegunObject, EventChunk, SourceReply } from "../../../../src/pipeline/ports.ts";
import {
  eventBytes,
  type EventSketch,
  replyOf,
  sketchToken,
  tokensIn,
} from "../../../support/event_factory.ts";

const DEPLOYMENT: Stream = { level: "deployment" };
const START = positionAt({ t: 1, i: 1 });
const WIDE: BatchLimits = { rowsMax: 1000, bytesMax: 1 << 30, objectsMax: 1000 };
const HOUR = 3600;

Deno.test("Batcher puts each event into exactly one object of one batch, in order", () => {
  fc.assert(
    fc.property(
      sketches(),
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1 }),
      fc.record({
        rowsMax: fc.integer({ min: 1, max: 20 }),
        bytesMax: fc.integer({ min: 1, max: 4000 }),
        objectsMax: fc.integer({ min: 1, max: 5 }),
      }),
      fc.constantFrom<BucketRule>("hour", "day", "none"),
      (events, sizes, limits, rule) => {
        const replies = split(events, sizes);
        const batches = runThrough(replies, limits, rule);
        assertPartition(events, batches, limits, rule);
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("Batcher cuts at the last event's token, also where more has been seen", () => {
  const events = [1, 2, 3].map((i) => sketch(10, i));
  const batcher = new Batcher(DEPLOYMENT, START, "hour", { ...WIDE, rowsMax: 2 });
  const hand = { reply: replyOf(events, { t: 11, i: 0 }), next: 0 };
  assert.equal(batcher.add(hand), false);
  assert.equal(batcher.isFull(), true);
  assert.equal(batcher.cut()?.to.data, sketchToken(events[1]!));
  assert.equal(batcher.add(hand), true);
  assert.deepEqual(batcher.position, hand.reply.highWater);
  assert.equal(batcher.cut()?.to.data, sketchToken(events[2]!));
});

Deno.test("Batcher moves on with a reply of no events, and cuts nothing", () => {
  const batcher = new Batcher(DEPLOYMENT, START, "hour", WIDE);
  const reply = replyOf([], { t: 99, i: 1 });
  assert.equal(batcher.add({ reply, next: 0 }), true);
  assert.deepEqual(batcher.position, reply.highWater);
  assert.equal(batcher.cut(), undefined);
});

Deno.test("Batcher keeps the type bits of the token it cuts at", () => {
  const typeBits = new Uint8Array([0x82, 0x01]);
  const events = [{ ...sketch(10, 1), typeBits }, sketch(10, 2)];
  const batcher = new Batcher(DEPLOYMENT, START, "hour", { ...WIDE, rowsMax: 1 });
  batcher.add({ reply: replyOf(events), next: 0 });
  assert.equal(batcher.cut()?.to.typeBits, "ggE=");
});

Deno.test("Batcher tells apart namespaces whose names run together", () => {
  const pairs = [["a", "bc"], ["ab", "c"], ["a", "b"], ["abc", undefined], [
    "abc",
    "null",
  ]] as const;
  const events = pairs.map(([database, collection], i) =>
    collection === undefined
      ? { t: 10, i: i + 1, database }
      : { t: 10, i: i + 1, database, collection }
  );
  const batcher = new Batcher(DEPLOYMENT, START, "hour", WIDE);
  batcher.add({ reply: replyOf(events), next: 0 });
  const objects = batcher.cut()!.objects.map((o) => [o.database, o.collection]);
  assert.deepEqual(objects, pairs.map(([d, c]) => [d, c ?? null]));
});

Deno.test("Batcher gives an event without a namespace that of the stream, also in its bytes", () => {
  const stream: Stream = { level: "collection", database: "shop", collection: "orders" };
  const events = [sketch(10, 1), { t: 10, i: 2, operation: "invalidate" }, sketch(10, 3)];
  const batcher = new Batcher(stream, START, "hour", WIDE);
  batcher.add({ reply: replyOf(events), next: 0 });
  const [object, ...others] = batcher.cut()!.objects;
  assert.deepEqual(others, []);
  assert.deepEqual([object!.database, object!.collection, object!.rows], ["shop", "orders", 3]);
  assert.deepEqual(tokensIn(object!.chunks), events.map(sketchToken));
  const invalidate = object!.chunks.flatMap(({ bytes, starts }) =>
    [...starts].map((s) => BSON.deserialize(bytes.subarray(s, s + bytes[s]! + bytes[s + 1]! * 256)))
  ).find((event) => event["operationType"] === "invalidate");
  assert.deepEqual(invalidate?.["ns"], { db: "shop", coll: "orders" });
});

Deno.test("Batcher sets the named events aside with their reason and their bytes", () => {
  const events = [1, 2, 3].map((i) => sketch(10, i));
  const data = sketchToken(events[1]!);
  const batcher = new Batcher(DEPLOYMENT, START, "hour", WIDE, new Map([[data, "it is odd"]]));
  batcher.add({ reply: replyOf(events), next: 0 });
  const batch = batcher.cut()!;
  assert.equal(batch.rows, 3);
  assert.deepEqual(batch.unreadable, [{
    data,
    reason: "it is odd",
    event: eventBytes(events[1]!),
  }]);
  assert.deepEqual(tokensIn(batch.objects[0]!.chunks), [events[0]!, events[2]!].map(sketchToken));
});

Deno.test("Batcher counts an unreadable event and moves to its position", () => {
  const batcher = new Batcher(DEPLOYMENT, START, "hour", WIDE);
  const position = replyOf([sketch(10, 5)]).highWater;
  const event = { data: position.data, reason: "too large", event: new Uint8Array(7) };
  const reply = { ...replyOf([]), highWater: position, unreadable: event };
  assert.equal(batcher.add({ reply, next: 0 }), true);
  assert.equal(batcher.bytes, 7);
  const batch = batcher.cut()!;
  assert.deepEqual([batch.rows, batch.firstToken, batch.to], [1, position.data, position]);
  assert.deepEqual(batch.unreadable, [event]);
  assert.deepEqual(batch.objects, []);
});

Deno.test("Batcher.cut gives away copies: what was read may change afterwards", () => {
  const batcher = new Batcher(DEPLOYMENT, START, "hour", WIDE);
  const reply = replyOf([sketch(10, 1)]);
  batcher.add({ reply, next: 0 });
  const chunks = batcher.cut()!.objects[0]!.chunks;
  reply.bytes.fill(0);
  assert.deepEqual(tokensIn(chunks), [sketchToken({ t: 10, i: 1 })]);
});

/** Takes everything at once, as an encoder with nothing else to do. */
class Ahead implements BegunObject {
  readonly chunks: EventChunk[] = [];
  isDropped = false;
  isBehind = false;

  add(chunks: readonly EventChunk[]): void {
    this.chunks.push(...chunks);
  }

  finish(): Promise<never> {
    return Promise.reject(new Error("a batcher finishes nothing"));
  }

  drop(): void {
    this.isDropped = true;
  }
}

Deno.test("Batcher gives large objects away as they come, and each event once", () => {
  const events = fc.array(
    fc.record({ size: fc.integer({ min: 0, max: 9000 }), other: fc.boolean() }),
  );
  fc.assert(fc.property(events, fc.integer({ min: 1, max: 5 }), (shapes, places) => {
    let left = places;
    const begin = () => left-- > 0 ? new Ahead() : undefined;
    const ahead = { bytesMin: 6000, begin };
    const batcher = new Batcher(DEPLOYMENT, START, "hour", WIDE, new Map(), ahead);
    const sketches = shapes.map(({ size, other }, i) => ({
      ...{ t: 10, i: i + 1, database: "shop", collection: other ? "b" : "orders" },
      payload: "x".repeat(size),
    }));
    for (const event of sketches) batcher.add({ reply: replyOf([event]), next: 0 });
    for (const object of batcher.cut()?.objects ?? []) {
      const { chunks, collection, rows } = object;
      const begun = object.begun as Ahead | undefined;
      const all = tokensIn([...begun?.chunks ?? [], ...chunks]);
      assert.deepEqual(all, sketches.filter((e) => e.collection === collection).map(sketchToken));
      assert.equal(rows, all.length);
      if (begun !== undefined) assert.ok(begun.chunks.length > 0);
    }
  }));
});

Deno.test("Batcher begins an object at its size and not before, and anew in the next batch", () => {
  const begun: Ahead[] = [];
  const begin = () => begun[begun.push(new Ahead()) - 1]!;
  const ahead = { bytesMin: 20_000, begin };
  const batcher = new Batcher(DEPLOYMENT, START, "hour", WIDE, new Map(), ahead);
  const add = (i: number) => {
    const event = { ...sketch(10, i), payload: "x".repeat(9000) };
    batcher.add({ reply: replyOf([event]), next: 0 });
  };
  [1, 2].forEach(add);
  assert.equal(begun.length, 0);
  [3, 4].forEach(add);
  assert.equal(begun.length, 1);
  assert.equal(batcher.rows, 4);
  assert.equal(batcher.isBehind, false);
  begun[0]!.isBehind = true;
  assert.equal(batcher.isBehind, true);
  assert.equal(batcher.cut()?.objects[0]?.begun, begun[0]);
  assert.equal(batcher.isBehind, false);
  add(5);
  assert.equal(batcher.cut()?.objects[0]?.begun, undefined);
});

Deno.test("Batcher.drop forgets what was begun", () => {
  const begun = new Ahead();
  const ahead = { bytesMin: 1, begin: () => begun };
  const batcher = new Batcher(DEPLOYMENT, START, "hour", WIDE, new Map(), ahead);
  const event = { ...sketch(10, 1), payload: "x".repeat(9000) };
  batcher.add({ reply: replyOf([event]), next: 0 });
  assert.deepEqual([begun.chunks.length, begun.isDropped], [1, false]);
  batcher.drop();
  assert.equal(begun.isDropped, true);
});

function sketch(t: number, i: number): EventSketch {
  return { t, i, database: "shop", collection: "orders" };
}

function sketches(): fc.Arbitrary<EventSketch[]> {
  const step = fc.record({
    seconds: fc.constantFrom(0, 0, 0, 1, HOUR, 24 * HOUR),
    database: fc.constantFrom("shop", "a"),
    collection: fc.constantFrom("orders", "b", undefined),
    payload: fc.string({ maxLength: 300 }),
  });
  return fc.array(step, { maxLength: 60 }).map((steps) => {
    let t = 100;
    return steps.map(({ seconds, collection, ...rest }, index) => {
      t += seconds;
      const event = { t, i: index + 1, ...rest };
      return collection === undefined ? event : { ...event, collection };
    });
  });
}

/** The events in replies of these sizes, over and over. */
function split(events: readonly EventSketch[], sizes: readonly number[]): SourceReply[] {
  const replies: SourceReply[] = [];
  let seen = { t: 2, i: 1 };
  for (let at = 0, n = 0; at < events.length; n++) {
    // A size of nothing again and again would never end.
    const size = sizes[n % sizes.length]! || (n % 2);
    const part = events.slice(at, at + size);
    replies.push(part.length === 0 ? replyOf(part, seen) : replyOf(part));
    seen = part.at(-1) ?? seen;
    at += size;
  }
  return replies;
}

function runThrough(
  replies: readonly SourceReply[],
  limits: BatchLimits,
  rule: BucketRule,
): Batch[] {
  const batches: Batch[] = [];
  const batcher = new Batcher(DEPLOYMENT, START, rule, limits);
  for (const reply of replies) {
    const hand = { reply, next: 0 };
    while (!batcher.add(hand)) batches.push(batcher.cut()!);
  }
  const last = batcher.cut();
  assert.equal(batcher.cut(), undefined);
  assert.deepEqual([batcher.rows, batcher.bytes], [0, 0]);
  return last === undefined ? batches : [...batches, last];
}

function assertPartition(
  events: readonly EventSketch[],
  batches: readonly Batch[],
  limits: BatchLimits,
  rule: BucketRule,
): void {
  const byToken = new Map(events.map((event) => [sketchToken(event), event]));
  let taken = 0;
  let from = START;
  for (const batch of batches) {
    assert(batch.rows >= 1 && batch.rows <= limits.rowsMax);
    assert(batch.objects.length <= limits.objectsMax);
    assert(comparePositions(batch.to, from) > 0);
    from = batch.to;
    const expected = events.slice(taken, taken + batch.rows).map(sketchToken);
    taken += batch.rows;
    assert.equal(batch.firstToken, expected[0]);
    assert(batch.to.data >= expected.at(-1)!);
    assert(taken === events.length || batch.to.data < sketchToken(events[taken]!));
    const found = batch.objects.map((object) => tokensIn(object.chunks));
    assert.deepEqual(found.flat().sort(), expected);
    const keys = new Set<string>();
    for (const [index, object] of batch.objects.entries()) {
      const tokens = found[index]!;
      assert.equal(object.rows, tokens.length);
      assert.deepEqual(tokens, [...tokens].sort());
      keys.add(JSON.stringify([object.database, object.collection, object.bucket]));
      for (const token of tokens) assertBelongs(byToken.get(token)!, object, rule);
    }
    assert.equal(keys.size, batch.objects.length);
    // Objects are numbered by their first event.
    assert.deepEqual(found.map((t) => t[0]), found.map((t) => t[0]).sort());
  }
  assert.equal(taken, events.length);
}

function assertBelongs(
  event: EventSketch,
  object: Batch["objects"][number],
  rule: BucketRule,
): void {
  assert.equal(object.database, event.database);
  assert.equal(object.collection, event.collection ?? null);
  const iso = new Date(event.t * 1000).toISOString();
  assert.equal(object.bucket, rule === "none" ? "" : iso.slice(0, rule === "hour" ? 13 : 10));
}
