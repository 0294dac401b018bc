import assert from "node:assert/strict";
import { countParquet, decodeParquet } from "../../../../src/encode/parquet/decode_parquet.ts";
import { readParquetFooter } from "../../../../src/encode/parquet/parquet_footer.ts";
import { valueFault } from "../../../../src/encode/row_check.ts";
import { encodedRows, feedOf, readerOf } from "../../../support/encoded_rows.ts";

Deno.test("decodeParquet reads every column", async () => {
  const bytes = await encodedRows({ format: "parquet", compression: "none" }, 5000);
  assert.equal(await countParquet(readerOf(bytes)), 5000);
  assert.equal(await decodeParquet(feedOf(bytes), readerOf(bytes), valueFault), 5000);
});

Deno.test("decodeParquet finds zeros in every column, be they values", async () => {
  const bytes = await encodedRows({ format: "parquet", compression: "none" }, 5000);
  const { row_groups } = await readParquetFooter(readerOf(bytes));
  const columns = row_groups[0]!.columns.map(({ meta_data }) => meta_data!);
  assert.equal(columns.length, 11);
  for (const column of columns) {
    const size = Number(column.total_compressed_size);
    // A dictionary of one text needs no bits for its places: nothing is there to be zeroed.
    if (size < 200) continue;
    const middle = Number(column.data_page_offset) + Math.floor(size / 2);
    const bad = bytes.slice().fill(0, middle, middle + 100);
    const [name] = column.path_in_schema;
    await assert.rejects(
      decodeParquet(feedOf(bad), readerOf(bad), valueFault),
      new RegExp(`column ${name}`),
    );
  }
});
