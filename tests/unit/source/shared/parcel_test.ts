import assert from "node:assert/strict";
import { ParcelBuilder, splitParcel } from "../../../../src/source/shared/parcel.ts";

const SOURCE = Uint8Array.from({ length: 100 }, (_, i) => i);

Deno.test("ParcelBuilder copies what it is given, one behind the other", () => {
  const builder = new ParcelBuilder();
  for (let i = 0; i < 40; i++) builder.add(SOURCE, i, i + 5);
  assert.equal(builder.bytes, 200);
  const { bytes, starts } = builder.finish();
  assert.equal(bytes.length, 200);
  assert.deepEqual([...starts], Array.from({ length: 40 }, (_, i) => i * 5));
  assert.deepEqual([...bytes.subarray(15, 20)], [3, 4, 5, 6, 7]);
});

Deno.test("splitParcel gives the first rows and the rest", () => {
  const builder = new ParcelBuilder();
  for (const [start, end] of [[0, 4], [10, 12], [20, 27]] as const) builder.add(SOURCE, start, end);
  const [first, rest] = splitParcel(builder.finish(), 2);
  assert.deepEqual([[...first.starts], [...first.bytes]], [[0, 4], [0, 1, 2, 3, 10, 11]]);
  assert.deepEqual([[...rest.starts], [...rest.bytes]], [[0], [20, 21, 22, 23, 24, 25, 26]]);
});
