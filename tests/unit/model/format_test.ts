import assert from "node:assert/strict";
import {
  canCompress,
  type Compression,
  COMPRESSIONS,
  fileExtension,
  type Format,
  FORMAT_NAMES,
} from "../../../src/model/format.ts";

Deno.test("fileExtension names the format and what the whole file is compressed with", () => {
  const cases: [Format, Compression, string][] = [
    ["parquet", "none", "parquet"],
    ["parquet", "gzip", "parquet"],
    ["parquet", "zstd", "parquet"],
    ["parquet", "snappy", "parquet"],
    ["avro", "zstd", "avro"],
    ["avro", "gzip", "avro"],
    ["jsonl", "none", "jsonl"],
    ["jsonl", "gzip", "jsonl.gz"],
    ["jsonl", "zstd", "jsonl.zst"],
    ["csv", "none", "csv"],
    ["csv", "gzip", "csv.gz"],
    ["csv", "zstd", "csv.zst"],
  ];
  for (const [format, compression, extension] of cases) {
    assert.equal(fileExtension({ format, compression }), extension);
  }
});

Deno.test("every format can be left uncompressed, and only those that compress inside can have snappy", () => {
  assert.deepEqual(FORMAT_NAMES.filter((format) => !canCompress(format, "none")), []);
  assert.deepEqual(FORMAT_NAMES.filter((format) => canCompress(format, "snappy")), [
    "parquet",
    "avro",
  ]);
  assert.equal(COMPRESSIONS.length, 4);
});
