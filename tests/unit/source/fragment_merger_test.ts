import assert from "node:assert/strict";
import { BSON } from "mongodb";
import { FragmentMerger } from "../../../src/source/fragment_merger.ts";

const whole = (n: number) => BSON.serialize({ _id: { _data: `82${n}` }, n });
const fragment = (n: number, of: number) =>
  BSON.serialize({ _id: { _data: `82${n}` }, splitEvent: { fragment: n, of }, [`f${n}`]: n });

function reply(...events: Uint8Array[]) {
  const starts = events.map((_, index) =>
    events.slice(0, index).reduce((sum, event) => sum + event.length, 0)
  );
  return {
    bytes: Uint8Array.from(events.flatMap((e) => [...e])),
    starts: Uint32Array.from(starts),
  };
}

Deno.test("FragmentMerger passes replies without fragments on untouched", () => {
  const merger = new FragmentMerger();
  const { bytes, starts } = reply(whole(1), whole(2));
  const merged = merger.merge(bytes, starts);
  assert.equal(merged.bytes, bytes);
  assert.equal(merged.starts, starts);
  assert.equal(merger.isInsideEvent, false);
});

Deno.test("FragmentMerger merges over replies, between whole events", () => {
  const merger = new FragmentMerger();
  const first = reply(whole(1), fragment(1, 2));
  assert.equal(merger.merge(first.bytes, first.starts).starts.length, 1);
  assert.equal(merger.isInsideEvent, true);
  const second = reply(fragment(2, 2), whole(3));
  const merged = merger.merge(second.bytes, second.starts);
  assert.equal(merger.isInsideEvent, false);
  const events = [...merged.starts].map((start) =>
    BSON.deserialize(merged.bytes.subarray(start), { allowObjectSmallerThanBufferSize: true })
  );
  assert.deepEqual(events, [{ _id: { _data: "822" }, f1: 1, f2: 2 }, {
    _id: { _data: "823" },
    n: 3,
  }]);
});

Deno.test("FragmentMerger refuses an event of which a fragment is missing", () => {
  const merger = new FragmentMerger();
  const { bytes, starts } = reply(fragment(2, 2));
  assert.throws(() => merger.merge(bytes, starts), RangeError);
});
