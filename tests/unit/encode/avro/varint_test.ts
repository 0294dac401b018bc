import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import avro from "avsc";
import fc from "fast-check";
import { ByteSink } from "../../../../src/bson/byte_sink.ts";
import { writeZigZag } from "../../../../src/encode/avro/varint.ts";

const long = avro.Type.forSchema({ type: "long" });

Deno.test("writeZigZag writes what an Avro reader takes for the same number", () => {
  const edges = [0, -1, 1, 63, 64, -64, -65, 2 ** 31, -(2 ** 31), 2 ** 52, -(2 ** 52)];
  fc.assert(
    fc.property(
      fc.oneof(
        fc.integer(),
        fc.constantFrom(...edges),
        fc.integer({ min: -8.64e15 / 2, max: 2 ** 52 }),
      ),
      (value) => {
        const out = new ByteSink(16);
        writeZigZag(value, out);
        assert.equal(long.fromBuffer(Buffer.from(out.take())), value);
      },
    ),
  );
});

Deno.test("writeZigZag refuses what a number does not hold exactly", () => {
  for (const value of [2 ** 53, -(2 ** 53), NaN, Infinity]) {
    assert.throws(() => writeZigZag(value, new ByteSink(16)), RangeError);
  }
});
