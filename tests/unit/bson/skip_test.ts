import assert from "node:assert/strict";
import { serialize } from "bson";
import fc from "fast-check";
import { MalformedBsonError } from "../../../src/bson/malformed_bson_error.ts";
import {
  binaryEnd,
  codeWithScopeEnd,
  documentEnd,
  elementSize,
  hexByte,
  nameEnd,
  stringEnd,
} from "../../../src/bson/skip.ts";
import { documentBytes, fromHex } from "./arbitrary_bson.ts";

/** One value of each type: type, bytes. */
const VALUES: readonly [number, string][] = [
  [0x01, "0000000000000000"],
  [0x02, "02000000 6100"],
  [0x03, "0500000000"],
  [0x04, "0500000000"],
  [0x05, "02000000 80 ffff"],
  [0x06, ""],
  [0x07, "000000000000000000000000"],
  [0x08, "01"],
  [0x09, "0000000000000000"],
  [0x0a, ""],
  [0x0b, "6100 6900"],
  [0x0c, "02000000 6100 000000000000000000000000"],
  [0x0d, "02000000 6100"],
  [0x0e, "02000000 6100"],
  [0x0f, "0f000000 02000000 6100 0500000000"],
  [0x10, "00000000"],
  [0x11, "0000000000000000"],
  [0x12, "0000000000000000"],
  [0x13, "00000000000000000000000000000000"],
  [0x7f, ""],
  [0xff, ""],
];

Deno.test("elementSize knows the size of every type and refuses a value that is cut off", () => {
  for (const [type, hex] of VALUES) {
    const bytes = fromHex("aa" + hex + "aa");
    const size = bytes.length - 2;
    assert.equal(elementSize(bytes, type, 1, bytes.length), size, hexByte(type));
    assert.equal(elementSize(bytes, type, 1, bytes.length - 1), size, hexByte(type));
    for (let limit = 1; limit < bytes.length - 1; limit++) {
      assert.throws(() => elementSize(bytes, type, 1, limit), MalformedBsonError, hexByte(type));
    }
  }
});

Deno.test("elementSize refuses types that BSON does not have", () => {
  const known = new Set(VALUES.map(([type]) => type));
  for (let type = 0; type < 256; type++) {
    if (known.has(type)) continue;
    assert.throws(
      () => elementSize(new Uint8Array(20), type, 3, 20),
      new MalformedBsonError(`type is ${hexByte(type)}`, 3),
    );
  }
});

Deno.test("elementSize walks over random documents from end to end", () => {
  fc.assert(
    fc.property(documentBytes, (bytes) => {
      const last = documentEnd(bytes, 0, bytes.length) - 1;
      let at = 4;
      while (at < last) {
        const value = nameEnd(bytes, at + 1, last) + 1;
        at = value + elementSize(bytes, bytes[at]!, value, last);
      }
      assert.equal(at, last);
      assert.equal(last + 1, bytes.length);
    }),
  );
});

Deno.test("documentEnd refuses lengths that are too small, too large or without a NUL", () => {
  const bytes = serialize({ a: 1 });
  assert.equal(documentEnd(bytes, 0, bytes.length), bytes.length);
  for (const hex of ["04000000 00", "06000000 00", "ffffffff 00", "ffffff7f 00", "05000000 01"]) {
    assert.throws(() => documentEnd(fromHex(hex), 0, 5), MalformedBsonError);
  }
  assert.throws(() => documentEnd(bytes, -1, bytes.length), MalformedBsonError);
  assert.throws(() => documentEnd(bytes, 0, bytes.length + 1), MalformedBsonError);
});

Deno.test("stringEnd refuses lengths that are too small, too large or without a NUL", () => {
  assert.equal(stringEnd(fromHex("02000000 6100"), 0, 6), 6);
  for (const hex of ["00000000 00", "ffffffff 00", "02000000 00", "ffffff7f 00", "01000000 61"]) {
    assert.throws(() => stringEnd(fromHex(hex), 0, 5), MalformedBsonError);
  }
});

Deno.test("nameEnd refuses a name without a NUL before the limit", () => {
  assert.equal(nameEnd(fromHex("616200"), 0, 3), 2);
  assert.throws(() => nameEnd(fromHex("616200"), 0, 2), MalformedBsonError);
  assert.throws(() => nameEnd(fromHex("6162"), 0, 2), MalformedBsonError);
});

Deno.test("binaryEnd refuses negative and too large lengths", () => {
  assert.equal(binaryEnd(fromHex("00000000 00"), 0, 5), 5);
  for (const hex of ["ffffffff 00", "01000000 00", "ffffff7f 00"]) {
    assert.throws(() => binaryEnd(fromHex(hex), 0, 5), MalformedBsonError);
  }
});

Deno.test("codeWithScopeEnd refuses parts that do not fill its length", () => {
  assert.equal(codeWithScopeEnd(fromHex("0f000000 02000000 6100 0500000000"), 0, 15), 15);
  for (
    const hex of [
      "10000000 02000000 6100 0500000000 00",
      "0e000000 02000000 6100 0500000000 00",
      "0d000000 02000000 6100 0500000000 00",
      "ffffffff 02000000 6100 0500000000 00",
      "10000000 02000000 6100 0400000000 00",
    ]
  ) {
    assert.throws(() => codeWithScopeEnd(fromHex(hex), 0, 16), MalformedBsonError);
  }
});
