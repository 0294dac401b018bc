import assert from "node:assert/strict";
import { assertEncodable } from "../../../src/encode/formats.ts";
import { PermanentError } from "../../../src/model/errors.ts";
import { COMPRESSIONS, FORMAT_NAMES } from "../../../src/model/format.ts";

Deno.test("assertEncodable refuses snappy for text formats and nothing else", () => {
  const refused: string[] = [];
  for (const format of FORMAT_NAMES) {
    for (const compression of COMPRESSIONS) {
      try {
        assertEncodable({ format, compression, jsonMode: "relaxed" });
      } catch (error) {
        assert.ok(error instanceof PermanentError);
        refused.push(error.message);
      }
    }
  }
  assert.deepEqual(refused, [
    'Cannot write jsonl with compression "snappy": it can be none, gzip, zstd',
    'Cannot write csv with compression "snappy": it can be none, gzip, zstd',
  ]);
});
