import assert from "node:assert/strict";
import fc from "fast-check";
import { ByteWriter } from "hyparquet-writer";
import { writeMetadata } from "hyparquet-writer/src/metadata.js";
import { ByteSink } from "../../../../src/bson/byte_sink.ts";
import type {
  ColumnMetaData,
  FileMetaData,
  RowGroup,
} from "../../../../src/encode/parquet/parquet_chunk.ts";
import { PARQUET_COLUMNS, PARQUET_SCHEMA } from "../../../../src/encode/parquet/parquet_schema.ts";
import { type Footer, writeFooter } from "../../../../src/encode/parquet/write_footer.ts";

/** What the library makes of it. */
function byLibrary({ createdBy, rows, rowGroups }: Footer): Uint8Array {
  const writer = new ByteWriter();
  const metadata = {
    version: 2,
    created_by: createdBy,
    schema: [...PARQUET_SCHEMA],
    num_rows: BigInt(rows),
    row_groups: [...rowGroups],
  };
  writeMetadata(writer, metadata as FileMetaData, 64);
  return writer.getBytes();
}

const count = fc.nat(2 ** 31 - 1);
const size = fc.maxSafeNat().map((n) => BigInt(Math.floor(n / 4)));
const codec = fc.constantFrom("UNCOMPRESSED", "GZIP", "ZSTD", "SNAPPY");
const bytes = fc.oneof(
  fc.string({ unit: "binary", maxLength: 100 }).map((text) => new TextEncoder().encode(text)),
  fc.uint8Array({ maxLength: 80 }),
);

/** Anything that a column of the schema may say of itself. */
function column(place: number): fc.Arbitrary<ColumnMetaData> {
  const { name, type } = PARQUET_COLUMNS[place]!;
  const bound = type === "INT32"
    ? fc.integer()
    : type === "INT64"
    ? fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    : bytes;
  const bounds = fc.option(fc.record({ min_value: bound, max_value: bound }), { nil: {} });
  const parts = { codec, bounds, size, offset: size, count, hasDictionary: fc.boolean() };
  return fc.record(parts).map(({ codec, bounds, size, offset, count, hasDictionary }) => ({
    type: type!,
    encodings: hasDictionary ? ["PLAIN", "RLE_DICTIONARY"] : ["PLAIN"],
    path_in_schema: [name],
    codec,
    num_values: size,
    total_uncompressed_size: size,
    total_compressed_size: size,
    data_page_offset: offset,
    ...hasDictionary && { dictionary_page_offset: offset },
    statistics: { ...bounds, null_count: BigInt(count) },
    encoding_stats: hasDictionary
      ? [
        { page_type: "DICTIONARY_PAGE", encoding: "PLAIN", count: 1 },
        { page_type: "DATA_PAGE_V2", encoding: "RLE_DICTIONARY", count },
      ]
      : [{ page_type: "DATA_PAGE_V2", encoding: "PLAIN", count }],
  }));
}

const columns = fc.tuple(...PARQUET_COLUMNS.map((_, place) => column(place)));
const rowGroup: fc.Arbitrary<RowGroup> = fc.record({ columns, size }).map(({ columns, size }) => ({
  columns: columns.map((meta_data) => ({ file_offset: 0n, meta_data })),
  total_byte_size: size,
  num_rows: size,
  file_offset: size,
  total_compressed_size: size,
}));

Deno.test("writeFooter writes what the library would, behind what is there", () => {
  const footer = fc.record({
    createdBy: fc.string({ unit: "grapheme-ascii", maxLength: 200 }),
    rows: fc.nat(),
    // More than a short list has.
    rowGroups: fc.array(rowGroup, { maxLength: 17 }),
  });
  fc.assert(
    fc.property(footer, (footer) => {
      const out = new ByteSink(0);
      out.writeAscii("PAR1");
      writeFooter(out, footer);
      assert.deepEqual(out.take().subarray(4), byLibrary(footer));
    }),
    { numRuns: 60, examples: [[{ createdBy: "", rows: 0, rowGroups: [] }]] },
  );
});
