import assert from "node:assert/strict";
import { BSON } from "mongodb";
import fc from "fast-check";
import { type Position, positionAfterToken, positionAt } from "../../../src/model/position.ts";
import { EventReader } from "../../../src/source/event_reader.ts";
import { highWaterToken, tokenData } from "../../../src/source/memory/memory_token.ts";

const UUID = "0".repeat(32);

/** A reply with an event at each of these times. */
function reply(times: readonly [number, number][], mark?: Position) {
  const nextBatch = times.map(([t, i]) => ({ _id: { _data: token(t, i) }, at: `${t}.${i}` }));
  return split(nextBatch, mark);
}

function split(events: BSON.Document[], highWater: Position | undefined) {
  const parts = events.map((event) => BSON.serialize(event));
  const starts = new Uint32Array(parts.length);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const [index, part] of parts.entries()) {
    starts[index] = at;
    bytes.set(part, at);
    at += part.length;
  }
  return { bytes, reply: { id: 1n, namespace: "a.b", starts, highWater } };
}

function token(t: number, i: number): string {
  return tokenData({ time: { t, i }, fromInvalidate: false, uuid: UUID });
}

function after(t: number, i: number): Position {
  return positionAfterToken(token(t, i));
}

function seen(read: { bytes: Uint8Array; starts: Uint32Array }): unknown[] {
  return [...read.starts].map((start) =>
    BSON.deserialize(read.bytes.subarray(start), { allowObjectSmallerThanBufferSize: true })["at"]
  );
}

Deno.test("EventReader leaves out what is not after the position, over several replies", () => {
  fc.assert(fc.property(
    fc.uniqueArray(fc.nat(40), { minLength: 1 }),
    fc.nat(42),
    fc.integer({ min: 1, max: 5 }),
    (found, from, rows) => {
      const ordinals = found.sort((a, b) => a - b);
      const reader = new EventReader({ from: after(7, from), mergeFragments: false });
      const read: unknown[] = [];
      for (let at = 0; at < ordinals.length; at += rows) {
        const part = reply(ordinals.slice(at, at + rows).map((i) => [7, i]));
        read.push(...seen(reader.read(part.bytes, part.reply)));
      }
      assert.deepEqual(read, ordinals.filter((i) => i > from).map((i) => `7.${i}`));
    },
  ));
});

Deno.test("EventReader gives everything from an inclusive start and after an invalidate", () => {
  const starts: Position[] = [positionAt({ t: 7, i: 1 }), { ...after(7, 9), invalidate: true }];
  for (const from of starts) {
    const reader = new EventReader({ from, mergeFragments: false });
    const part = reply([[7, 1], [7, 2]]);
    assert.deepEqual(seen(reader.read(part.bytes, part.reply)), ["7.1", "7.2"]);
  }
});

Deno.test("EventReader takes the server's mark as high water, but never one before the position", () => {
  const from = after(7, 3);
  const reader = new EventReader({ from, mergeFragments: false });
  const early = reply([], positionAfterToken(highWaterToken({ t: 7, i: 3 })));
  assert.deepEqual(reader.read(early.bytes, early.reply).highWater, from);
  const later = positionAfterToken(highWaterToken({ t: 9, i: 1 }));
  const idle = reply([], later);
  assert.deepEqual(reader.read(idle.bytes, idle.reply).highWater, later);
  assert.deepEqual(reader.read(early.bytes, early.reply).highWater, later);
});

Deno.test("EventReader takes the last event's position where the server sends no mark", () => {
  const reader = new EventReader({ from: after(7, 3), mergeFragments: false });
  const part = reply([[7, 4], [7, 5]]);
  assert.deepEqual(reader.read(part.bytes, part.reply).highWater, after(7, 5));
  const typed = split([{
    _id: { _data: token(8, 1), _typeBits: new BSON.Binary(Uint8Array.of(1, 130)) },
  }], undefined);
  const { highWater } = reader.read(typed.bytes, typed.reply);
  assert.deepEqual(highWater, { ...after(8, 1), typeBits: "AYI=" });
});

Deno.test("EventReader merges fragments and keeps the high water before an unfinished event", () => {
  const from = positionAt({ t: 7, i: 1 });
  const reader = new EventReader({ from, mergeFragments: true });
  const fragment = (n: number, field: BSON.Document) => ({
    _id: { _data: token(8, n) },
    splitEvent: { fragment: n, of: 3 },
    ...field,
  });
  const whole = { _id: { _data: token(7, 2) }, at: "7.2" };
  const first = split([whole, fragment(1, { at: "split" })], after(8, 1));
  const firstRead = reader.read(first.bytes, first.reply);
  assert.deepEqual(seen(firstRead), ["7.2"]);
  assert.deepEqual(firstRead.highWater, after(7, 2));
  const second = split([fragment(2, { b: 1 })], after(8, 2));
  const secondRead = reader.read(second.bytes, second.reply);
  assert.deepEqual(seen(secondRead), []);
  assert.deepEqual(secondRead.highWater, after(7, 2));
  const third = split(
    [fragment(3, { c: 1 }), { _id: { _data: token(9, 1) }, at: "9.1" }],
    after(9, 1),
  );
  const thirdRead = reader.read(third.bytes, third.reply);
  assert.deepEqual(seen(thirdRead), ["split", "9.1"]);
  assert.deepEqual(thirdRead.highWater, after(9, 1));
});

Deno.test("EventReader leaves a split event out that ends at the position", () => {
  const reader = new EventReader({ from: after(8, 2), mergeFragments: true });
  const fragments = [1, 2].map((n) => ({
    _id: { _data: token(8, n) },
    splitEvent: { fragment: n, of: 2 },
    [`f${n}`]: 1,
  }));
  const part = split([...fragments, { _id: { _data: token(8, 3) }, at: "8.3" }], after(8, 3));
  assert.deepEqual(seen(reader.read(part.bytes, part.reply)), ["8.3"]);
});
