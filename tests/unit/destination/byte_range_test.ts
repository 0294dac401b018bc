import assert from "node:assert/strict";
import fc from "fast-check";
import { byteRangeHeader, resolveByteRange } from "../../../src/destination/byte_range.ts";

Deno.test("resolveByteRange cuts a range to what is there", () => {
  assert.deepEqual(resolveByteRange(undefined, 9), { start: 0, end: 9 });
  assert.deepEqual(resolveByteRange({ start: 2, end: 4 }, 9), { start: 2, end: 4 });
  assert.deepEqual(resolveByteRange({ start: 2 }, 9), { start: 2, end: 9 });
  assert.deepEqual(resolveByteRange({ start: -3 }, 9), { start: 6, end: 9 });
  assert.deepEqual(resolveByteRange({ start: -30 }, 9), { start: 0, end: 9 });
  assert.deepEqual(resolveByteRange({ start: 12, end: 20 }, 9), { start: 9, end: 9 });
  assert.deepEqual(resolveByteRange({ start: 5, end: 2 }, 9), { start: 5, end: 5 });
});

Deno.test("resolveByteRange always answers a part of the object", () => {
  fc.assert(fc.property(fc.integer(), fc.option(fc.nat()), fc.nat(), (start, end, size) => {
    const range = end === null || start < 0 ? { start } : { start, end };
    const part = resolveByteRange(range, size);
    assert.ok(0 <= part.start && part.start <= part.end && part.end <= size);
  }));
});

Deno.test("byteRangeHeader counts the last byte in, as HTTP does", () => {
  assert.equal(byteRangeHeader({ start: 0, end: 1 }), "bytes=0-0");
  assert.equal(byteRangeHeader({ start: 4 }), "bytes=4-");
  assert.equal(byteRangeHeader({ start: -8 }), "bytes=-8");
  assert.equal(byteRangeHeader({ start: 4, end: 4 }), undefined);
});

Deno.test("a range from the end with an end, or of odd numbers, is refused", () => {
  for (
    const range of [{ start: -4, end: 8 }, { start: 0.5 }, { start: NaN }, { start: 0, end: -1 }]
  ) {
    assert.throws(() => resolveByteRange(range, 9), RangeError);
    assert.throws(() => byteRangeHeader(range), RangeError);
  }
});
