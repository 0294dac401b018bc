import assert from "node:assert/strict";
import fc from "fast-check";
import { ByteSink } from "../../../../src/bson/byte_sink.ts";
import {
  writeFiniteDouble,
  writeInt64,
  writeInteger,
} from "../../../../src/bson/json/json_number.ts";
import { double } from "../arbitrary_bson.ts";

function written(write: (out: ByteSink) => void): string {
  const out = new ByteSink(0);
  write(out);
  return new TextDecoder().decode(out.take());
}

Deno.test("writeInteger writes every safe integer in its digits", () => {
  const edges = [0, 1, 9, 10, 99, 999_999_999, 1e9, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1];
  for (const value of edges.flatMap((edge) => edge === 0 ? [0] : [edge, -edge])) {
    assert.equal(written((out) => writeInteger(value, out)), String(value));
  }
  fc.assert(
    fc.property(fc.oneof(fc.maxSafeInteger(), fc.integer(), fc.nat({ max: 2000 })), (value) => {
      assert.equal(written((out) => writeInteger(value, out)), String(value));
    }),
  );
});

Deno.test("writeInt64 writes every 64-bit integer in its digits", () => {
  const any = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const edges = [0n, -1n, 2n ** 52n - 1n, 2n ** 52n, -(2n ** 52n), -(2n ** 52n) - 1n, 2n ** 53n];
  fc.assert(
    fc.property(fc.oneof(any, fc.constantFrom(...edges), fc.integer().map(BigInt)), (value) => {
      const bytes = new Uint8Array(9);
      new DataView(bytes.buffer).setBigInt64(1, value, true);
      assert.equal(written((out) => writeInt64(bytes, 1, out)), String(value));
    }),
  );
});

Deno.test("writeFiniteDouble writes the fewest digits, and always a fraction or an exponent", () => {
  fc.assert(
    fc.property(double.filter(Number.isFinite), (value) => {
      const text = written((out) => writeFiniteDouble(value, false, out));
      assert.match(text, /^-?\d+(\.\d+)?(e[+-]\d+)?$/);
      assert.match(text, /[.e]/);
      assert.ok(Object.is(Number(text), value), `${text} for ${value}`);
      assert.equal(text.replace(/\.0$/, ""), Object.is(value, -0) ? "-0" : String(value));
    }),
    { numRuns: 3000 },
  );
});

Deno.test("writeFiniteDouble writes all digits of large integers where asked", () => {
  const value = 2 ** 60;
  assert.equal(written((out) => writeFiniteDouble(value, true, out)), "1152921504606846976.0");
  assert.equal(written((out) => writeFiniteDouble(value, false, out)), "1152921504606847000.0");
  assert.equal(written((out) => writeFiniteDouble(1e21, true, out)), "1e+21");
});

Deno.test("writeFiniteDouble writes doubles of few decimals, and their neighbours, exactly", () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.integer({ min: -1, max: 1 }), (scaled, step) => {
      const value = neighbour((scaled % 1e14) / 1e4, step);
      const text = written((out) => writeFiniteDouble(value, false, out));
      assert.equal(text.replace(/\.0$/, ""), Object.is(value, -0) ? "-0" : String(value));
    }),
    { numRuns: 3000 },
  );
});

/** The double that is that many steps away. */
function neighbour(value: number, steps: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigInt64(0, view.getBigInt64(0) + BigInt(value === 0 ? 0 : steps));
  return view.getFloat64(0);
}
