import assert from "node:assert/strict";
import type { ColumnMetaData, SchemaElement } from "hyparquet";
import {
  type ParquetPage,
  ParquetPageReader,
} from "../../../../src/encode/parquet/parquet_page.ts";
import { valueFault } from "../../../../src/encode/row_check.ts";

const LEAF: SchemaElement = {
  name: "cluster_increment",
  type: "INT32",
  repetition_type: "REQUIRED",
};

Deno.test("ParquetPageReader counts rows and compares the bounds that the footer has", async () => {
  const reader = new ParquetPageReader(LEAF, chunk({ min_value: 1, max_value: 3 }), valueFault);
  await reader.read(page([1, 2, 3]));
  reader.end();
  assert.equal(reader.rows, 3);
  const other = new ParquetPageReader(LEAF, chunk({ min_value: 1, max_value: 3 }), valueFault);
  await other.read(page([1, 0, 3]));
  assert.throws(
    () => other.end(),
    /column cluster_increment has the bound 0, where its footer says 1/,
  );
});

Deno.test("ParquetPageReader says what cannot be in a page", async () => {
  const header = page([1, 2]).header;
  const v2 = header.data_page_header_v2!;
  const cases: [Partial<typeof header>, RegExp][] = [
    [{ type: "INDEX_PAGE" }, /an unknown page/],
    [{ uncompressed_page_size: 9 }, /8 bytes in a page of 9/],
    [{ data_page_header_v2: { ...v2, num_values: 3 } }, /8 bytes of 3 values/],
    [{ data_page_header_v2: { ...v2, num_nulls: 1 } }, /nulls/],
    [{ data_page_header_v2: { ...v2, num_nulls: -1 } }, /a page header that cannot be/],
    [
      { data_page_header_v2: { ...v2, encoding: "BYTE_STREAM_SPLIT" } },
      /the encoding BYTE_STREAM_SPLIT/,
    ],
  ];
  for (const [change, fault] of cases) {
    const bad = { ...page([1, 2]), header: { ...header, ...change } };
    await assert.rejects(new ParquetPageReader(LEAF, chunk({}), valueFault).read(bad), fault);
  }
});

Deno.test("ParquetPageReader finds a place that its dictionary does not have", async () => {
  const { header } = page([1, 2]);
  const v2 = { ...header.data_page_header_v2!, encoding: "RLE_DICTIONARY" as const };
  // One bit a place, and a run of two ones.
  const data = new Uint8Array([1, 2 << 1, 1]);
  const bad = {
    data,
    header: { ...header, uncompressed_page_size: data.length, data_page_header_v2: v2 },
  };
  const reader = new ParquetPageReader(LEAF, chunk({}), valueFault);
  await assert.rejects(reader.read(bad), /column cluster_increment has a place in no dictionary/);
});

function chunk(statistics: object): ColumnMetaData {
  return { codec: "UNCOMPRESSED", statistics } as ColumnMetaData;
}

function page(values: number[]): ParquetPage {
  const data = new Uint8Array(new Int32Array(values).buffer);
  return {
    data,
    header: {
      type: "DATA_PAGE_V2",
      uncompressed_page_size: data.length,
      compressed_page_size: data.length,
      data_page_header_v2: {
        num_values: values.length,
        num_nulls: 0,
        num_rows: values.length,
        encoding: "PLAIN",
        definition_levels_byte_length: 0,
        repetition_levels_byte_length: 0,
        is_compressed: false,
      },
    } as ParquetPage["header"],
  };
}
