import assert from "node:assert/strict";
import fc from "fast-check";
import {
  readDouble,
  readInt32,
  readInt64,
  readInt64AsNumber,
  readUint32,
} from "../../../src/bson/read.ts";

Deno.test("readInt32, readUint32, readInt64 and readDouble read what a DataView reads", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 8, maxLength: 16 }), (bytes) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      for (let at = 0; at + 8 <= bytes.length; at++) {
        assert.equal(readInt32(bytes, at), view.getInt32(at, true));
        assert.equal(readUint32(bytes, at), view.getUint32(at, true));
        assert.equal(readInt64(bytes, at), view.getBigInt64(at, true));
        assert.equal(readInt64AsNumber(bytes, at), Number(view.getBigInt64(at, true)));
        assert.equal(readDouble(bytes, at), view.getFloat64(at, true));
      }
    }),
  );
});
