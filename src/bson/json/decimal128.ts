import { readInt32, readUint32 } from "../read.ts";

/**
 * The decimal text of the Decimal128 at `at` (sixteen bytes, IEEE 754-2008 binary integer form), by the rules of the
 * BSON Decimal128 specification, "To String Representation": all digits of the coefficient, so `1.00` and `1.0` differ;
 * an exponent where it is positive or the number is below 10^-6; `NaN`, without a sign; `Infinity`, `-Infinity`. A
 * coefficient of more than 34 digits counts as 0.
 */
export function decimal128Text(source: Uint8Array, at: number): string {
  const high = readInt32(source, at + 12);
  const combination = (high >> 26) & 0x1f;
  if (combination === COMBINATION_NAN) return "NaN";
  const sign = high < 0 ? "-" : "";
  if (combination === COMBINATION_INFINITY) return sign + "Infinity";
  // With both highest bits set the coefficient would begin with 100 and so be over the limit.
  const large = combination >> 3 === 3;
  const biased = (large ? high >> 15 : high >> 17) & 0x3fff;
  const digits = large ? "0" : coefficientText(source, at, high & 0x1ffff);
  return sign + placePoint(digits, biased - EXPONENT_BIAS);
}

function coefficientText(source: Uint8Array, at: number, top: number): string {
  const low = readUint32(source, at);
  const second = readUint32(source, at + 4);
  const third = readUint32(source, at + 8);
  if (top === 0 && third === 0 && second < 0x200000) return String(second * 0x100000000 + low);
  const upper = (BigInt(top) << 32n) | BigInt(third);
  const value = (upper << 64n) | (BigInt(second) << 32n) | BigInt(low);
  return value > COEFFICIENT_MAX ? "0" : value.toString();
}

function placePoint(digits: string, exponent: number): string {
  const adjusted = exponent + digits.length - 1;
  if (exponent > 0 || adjusted < -6) {
    const mantissa = digits.length === 1 ? digits : digits[0] + "." + digits.slice(1);
    return `${mantissa}E${adjusted < 0 ? "" : "+"}${adjusted}`;
  }
  if (exponent === 0) return digits;
  const whole = digits.length + exponent;
  if (whole > 0) return digits.slice(0, whole) + "." + digits.slice(whole);
  return "0." + "0".repeat(-whole) + digits;
}

const COMBINATION_INFINITY = 0x1e;
const COMBINATION_NAN = 0x1f;
const EXPONENT_BIAS = 6176;
const COEFFICIENT_MAX = 10n ** 34n - 1n;
