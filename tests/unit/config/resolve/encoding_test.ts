import assert from "node:assert/strict";
import { assertFault, configOf, faultsOf } from "../../../support/load_config.ts";

const ALLOWED: Readonly<Record<string, string>> = {
  parquet: "none gzip zstd snappy",
  jsonl: "none gzip zstd",
  csv: "none gzip zstd",
  avro: "none gzip zstd snappy",
};

for (const format of ["parquet", "jsonl", "csv", "avro"]) {
  for (const compression of ["none", "gzip", "zstd", "snappy"]) {
    const allowed = ALLOWED[format]!.split(" ").includes(compression);
    Deno.test(`resolveEncoding ${allowed ? "takes" : "refuses"} ${format} with ${compression}`, () => {
      const env = { FORMAT: format, COMPRESSION: compression };
      if (allowed) {
        assert.deepEqual(configOf(env).encoding, { format, compression, jsonMode: "relaxed" });
      } else {
        assertFault(faultsOf(env), "COMPRESSION", /can be compressed with none, gzip, zstd\.$/);
      }
    });
  }
}

Deno.test("resolveEncoding holds the level to the codec's scale", () => {
  assert.equal(configOf({ COMPRESSION_LEVEL: "22" }).encoding.compressionLevel, 22);
  const gzip = { COMPRESSION: "gzip", COMPRESSION_LEVEL: "10" };
  assertFault(faultsOf(gzip), "COMPRESSION_LEVEL", /from 1 to 9/);
  const none = { COMPRESSION: "none", COMPRESSION_LEVEL: "1" };
  assertFault(faultsOf(none), "COMPRESSION_LEVEL", /has no levels/);
});
