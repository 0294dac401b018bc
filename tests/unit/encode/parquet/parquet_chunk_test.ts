import assert from "node:assert/strict";
import { ByteSink } from "../../../../src/bson/byte_sink.ts";
import { ParquetChunk } from "../../../../src/encode/parquet/parquet_chunk.ts";

const ELEMENT = { name: "text", type: "BYTE_ARRAY", repetition_type: "OPTIONAL" } as const;
const VALUES = new Uint8Array([1, 0, 0, 0, 0x61]);

Deno.test("ParquetChunk.moveTo gives offsets in the file and begins anew", () => {
  const out = new ByteSink(0);
  out.writeAscii("PAR1");
  const codec = { name: "SNAPPY", compress: () => new Uint8Array(3) } as const;
  const chunk = new ParquetChunk(ELEMENT, codec, new ByteSink(0));
  chunk.addDictionaryPage(VALUES, 1);
  const levels = new Uint8Array([1, 0]);
  chunk.addDataPage({ encoding: "RLE_DICTIONARY", values: VALUES, levels, rows: 2, nulls: 1 });
  const first = chunk.moveTo(out, {});
  assert.equal(first.dictionary_page_offset, 4n);
  assert.ok(first.data_page_offset > 4n);
  assert.equal(first.total_compressed_size, BigInt(out.length - 4));
  assert.equal(first.num_values, 2n);
  assert.deepEqual(first.encodings, ["PLAIN", "RLE_DICTIONARY"]);
  const before = out.length;
  chunk.addDataPage({ encoding: "PLAIN", values: VALUES, levels, rows: 2, nulls: 1 });
  const second = chunk.moveTo(out, {});
  assert.equal(second.data_page_offset, BigInt(before));
  assert.equal(second.dictionary_page_offset, undefined);
});

Deno.test("ParquetChunk.addDataPage compresses values, but not where there are none", () => {
  const sizes: number[] = [];
  const compress = (bytes: Uint8Array) => {
    sizes.push(bytes.length);
    return bytes;
  };
  const chunk = new ParquetChunk(ELEMENT, { name: "ZSTD", compress }, new ByteSink(0));
  const page = { encoding: "PLAIN", levels: new Uint8Array([0]), rows: 1, nulls: 1 } as const;
  chunk.addDataPage({ ...page, values: new Uint8Array(0) });
  chunk.addDataPage({ ...page, values: VALUES });
  assert.deepEqual(sizes, [VALUES.length]);
});
