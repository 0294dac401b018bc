import assert from "node:assert/strict";
import { assertEncodable, FORMATS } from "../../../src/encode/formats.ts";
import { PermanentError } from "../../../src/model/errors.ts";
import type { Compression, Format } from "../../../src/model/settings.ts";

Deno.test("assertEncodable refuses snappy for text formats and nothing else", () => {
  const refused: string[] = [];
  for (const format of Object.keys(FORMATS) as Format[]) {
    for (const compression of ["none", "gzip", "zstd", "snappy"] as Compression[]) {
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
