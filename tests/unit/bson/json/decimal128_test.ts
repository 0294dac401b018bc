import assert from "node:assert/strict";
import { Decimal128 } from "bson";
import fc from "fast-check";
import { decimal128Text } from "../../../../src/bson/json/decimal128.ts";
import { decimal, fromHex } from "../arbitrary_bson.ts";

Deno.test("decimal128Text writes decimals as the driver does", () => {
  fc.assert(
    fc.property(decimal, (value) => {
      assert.equal(decimal128Text(value.bytes, 0), value.toString());
    }),
    { numRuns: 2000 },
  );
});

Deno.test("decimal128Text writes near numbers without an exponent, keeping all digits", () => {
  const small = fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 17n }), fc.integer({ min: -30, max: 3 }));
  fc.assert(
    fc.property(small, ([coefficient, exponent]) => {
      const value = Decimal128.fromString(`${coefficient}E${exponent}`);
      assert.equal(decimal128Text(value.bytes, 0), value.toString());
    }),
    { numRuns: 2000 },
  );
});

Deno.test("decimal128Text writes the special forms of the specification", () => {
  const cases = {
    "0000000000000000 000000000000007c": "NaN",
    "0000000000000000 00000000000000fc": "NaN",
    "1200000000000000 000000000000007e": "NaN",
    "0000000000000000 0000000000000078": "Infinity",
    "0000000000000000 00000000000000f8": "-Infinity",
    "0000000000000000 000000000000106c": "0",
    "dcba9876543210de adbeef00000010ec": "-0",
    "ffffffffffffffff ffffffffffff116c": "0E+3",
    "0000000000000000 00000000000040b0": "-0",
    "0000000000000000 0000000000003e30": "0.0",
    "0000000000000000 000000000000feff": "NaN",
    "ffffffff638e8d37 c087adbe09edff5f": "9.999999999999999999999999999999999E+6144",
    "0000000000000000 0000000000000080": "-0E-6176",
    "0100000000000000 0000000000000000": "1E-6176",
    // One more than the largest coefficient counts as zero, as does the largest that the bits can hold.
    "00000000648e8d37 c087adbe09ed4130": "0",
    "ffffffffffffffff ffffffffffff4130": "0",
  };
  for (const [hex, text] of Object.entries(cases)) {
    const bytes = fromHex("00" + hex);
    assert.equal(decimal128Text(bytes, 1), text);
  }
});
