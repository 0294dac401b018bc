import assert from "node:assert/strict";
import { crc32Hex } from "../../../../src/support/bytes/crc32.ts";

Deno.test("crc32Hex gives the check value of CRC-32/ISO-HDLC, with eight digits", () => {
  assert.equal(crc32Hex(new TextEncoder().encode("123456789")), "cbf43926");
  assert.equal(crc32Hex(new Uint8Array(0)), "00000000");
});
