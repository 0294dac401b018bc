import fc from "fast-check";
import type { Stream } from "../../../src/model/stream.ts";

/** Names that look like parts of keys, paths and other names, and any others. MongoDB's own are valid Unicode. */
export const anyName: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom("a", "orders", "orders:2of4", "a/../../b", "..", ".hidden", "e1", "a.e1.2of4"),
  fc.constantFrom("2of4", "1/2", "%61", "a%2Eb", "A", "größe", "\u{1F98A}", "x".repeat(101)),
  fc.string({ unit: fc.constantFrom(..."ab.%~/:e12of-_ "), minLength: 1, maxLength: 12 }),
  fc.string({ unit: "binary", minLength: 1, maxLength: 255 }),
);

export const anyStream: fc.Arbitrary<Stream> = fc.oneof(
  fc.constant<Stream>({ level: "deployment" }),
  anyName.map<Stream>((database) => ({ level: "database", database })),
  fc.tuple(anyName, anyName).map<Stream>(([database, collection]) => (
    { level: "collection", database, collection }
  )),
  fc.tuple(anyName, anyName, fc.nat({ max: 12 }), fc.integer({ min: 1, max: 12 })).chain(
    ([database, collection, epoch, of]) =>
      fc.integer({ min: 1, max: of }).map<Stream>((index) => (
        { level: "collection", database, collection, partition: { epoch, index, of } }
      )),
  ),
);
