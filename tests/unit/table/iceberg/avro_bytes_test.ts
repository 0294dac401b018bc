import assert from "node:assert/strict";
import { AvroReader, AvroWriter } from "../../../../src/table/iceberg/avro_bytes.ts";

Deno.test("numbers of 64 bits are read as they were written, and what ends early is refused", () => {
  const numbers = [0n, -1n, 63n, 64n, -(2n ** 63n), 2n ** 63n - 1n, 2_776_548_382_984_813_079n];
  const to = new AvroWriter();
  for (const number of numbers) to.long(number);
  to.text("größer".repeat(1000));
  to.put(new Uint8Array(new Float64Array([0.1]).buffer));
  to.put(new Uint8Array(new Float32Array([0.5]).buffer));
  const bytes = to.take();
  const from = new AvroReader(bytes);
  assert.deepEqual(numbers.map(() => from.long()), numbers);
  assert.equal(from.text(), "größer".repeat(1000));
  assert.deepEqual([from.double(), from.float(), from.isEnd], [0.1, 0.5, true]);
  assert.throws(() => from.byte(), /it ends too early/);
  assert.throws(() => new AvroReader(bytes.subarray(0, 0)).long(), RangeError);
  assert.throws(() => new AvroReader(new Uint8Array(20).fill(255)).long(), /too many bytes/);
});
