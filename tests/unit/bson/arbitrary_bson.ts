/** Random documents of every BSON type that the driver can serialize, and what tests need around them. */
import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  deserialize,
  Double,
  EJSON,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  serialize,
  Timestamp,
} from "bson";
import fc from "fast-check";
import { ByteSink } from "../../../src/bson/byte_sink.ts";
import { writeDocumentJson } from "../../../src/bson/json/to_json.ts";

export type Mode = "relaxed" | "canonical";

/** Names that mean something to the driver's own objects are left out; so is NUL, which ends a name. */
export const fieldName: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.constantFrom("", "a.b", "$set", '"', "\\", "\n\u0001", "\u2028", "žluťoučký", "😀", "1", "10"),
).filter((name) =>
  !name.includes("\0") &&
  !["$ref", "__proto__", "_bsontype", "toBSON", "toJSON", "toString", "valueOf"].includes(name)
);

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.string({ unit: "binary-ascii", maxLength: 300 }),
);

const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const objectId = fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) =>
  new ObjectId(bytes)
);

export const decimal: fc.Arbitrary<Decimal128> = fc.tuple(
  fc.boolean(),
  fc.bigInt({ min: 0n, max: 10n ** 34n - 1n }),
  fc.integer({ min: -6176, max: 6111 }),
).map(([negative, coefficient, exponent]) =>
  Decimal128.fromString(`${negative ? "-" : ""}${coefficient}E${exponent}`)
);

/** Small counts, prices, integers over 2^53 and anything else. */
export const double: fc.Arbitrary<number> = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.integer({ min: -10_000_000, max: 10_000_000 }).map((cents) => cents / 100),
  fc.integer().map((scaled) => scaled / 10_000),
  fc.bigInt({ min: -(2n ** 75n), max: 2n ** 75n }).map(Number),
  fc.constantFrom(NaN, Infinity, -Infinity, 0, -0, 1e21, 1e-7, 1e-6, 5e-324, 2 ** 31, -(2 ** 31)),
);

const leaf: fc.Arbitrary<unknown> = fc.oneof(
  double.map((value) => new Double(value)),
  text,
  fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 0, max: 255 }))
    // Vectors have an inner form, which the driver checks.
    .filter(([bytes, subtype]) => subtype !== 9 && (subtype !== 4 || bytes.length === 16))
    .map(([bytes, subtype]) => new Binary(bytes, subtype)),
  objectId,
  fc.boolean(),
  fc.date({ noInvalidDate: true }),
  fc.date({ min: new Date(0), max: new Date("9999-12-31T23:59:59.999Z"), noInvalidDate: true }),
  fc.constant(null),
  fc.tuple(text, fc.subarray([..."xsmliu"]))
    .filter(([pattern]) => !pattern.includes("\0"))
    .map(([pattern, options]) => new BSONRegExp(pattern, options.join(""))),
  text.map((code) => new Code(code)),
  text.map((value) => new BSONSymbol(value)),
  fc.integer().map((value) => new Int32(value)),
  fc.tuple(uint32, uint32).map(([t, i]) => new Timestamp({ t, i })),
  fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.maxSafeInteger().map(BigInt))
    .map((value) => Long.fromBigInt(value)),
  decimal,
  fc.constant(new MinKey()),
  fc.constant(new MaxKey()),
);

const { document } = fc.letrec<{ document: Record<string, unknown>; value: unknown }>((tie) => ({
  document: fc.dictionary(fieldName, tie("value"), { maxKeys: 8, noNullPrototype: true }),
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { maxLength: 6 }),
    tie("document"),
    fc.tuple(text, tie("document")).map(([code, scope]) => new Code(code, scope)),
  ),
}));

/** The bytes of a random document. */
export const documentBytes: fc.Arbitrary<Uint8Array> = document.map((value) => serialize(value));

/** What the driver makes of a document, each value in the wrapper of its own type. */
export function driverJson(bytes: Uint8Array, mode: Mode): string {
  const value = deserialize(bytes, {
    promoteValues: false,
    promoteBuffers: false,
    bsonRegExp: true,
  });
  return EJSON.stringify(value, { relaxed: mode === "relaxed" });
}

/** What we make of it; throws if that is not valid UTF-8. */
export function ourJson(bytes: Uint8Array, mode: Mode, start = 0): string {
  const out = new ByteSink(0);
  writeDocumentJson(bytes, start, out, mode);
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(out.take());
}

/** A document of one more element, at its end. */
export function withElement(
  bytes: Uint8Array,
  type: number,
  name: string,
  value: ArrayLike<number>,
): Uint8Array<ArrayBuffer> {
  const out = new ByteSink(0);
  out.writeBytes(bytes, 0, bytes.length - 1);
  out.writeByte(type);
  out.writeUtf8(name);
  out.writeByte(0);
  out.writeBytes(Uint8Array.from(value), 0, value.length);
  out.writeByte(0);
  return withLength(out.take());
}

/** The same bytes with their count in the first four. */
export function withLength(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  new DataView(bytes.buffer).setInt32(0, bytes.length, true);
  return bytes;
}

/** The document `{}`. */
export const EMPTY_DOCUMENT: Uint8Array<ArrayBuffer> = Uint8Array.of(5, 0, 0, 0, 0);

/** Bytes from text such as `05 00 ff`. */
export function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.replaceAll(" ", "").match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** The same bytes, which throw an `Error` where an index outside of them is read. */
export function guarded(bytes: Uint8Array): Uint8Array {
  return new Proxy(bytes, {
    get(target, key) {
      if (typeof key === "string" && /^-?\d+$/.test(key) && !(key in target)) {
        throw new Error(`Read outside of the bytes: offset ${key} of ${target.length}`);
      }
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
