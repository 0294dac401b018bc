import assert from "node:assert/strict";
import { readParquetFooter } from "../../../../src/encode/parquet/parquet_footer.ts";
import { encodedRows, readerOf } from "../../../support/encoded_rows.ts";

Deno.test("readParquetFooter reads the end of a file only", async () => {
  const bytes = await encodedRows({ format: "parquet", compression: "none" }, 2000);
  const starts: number[] = [];
  const footer = await readParquetFooter((start, end) => {
    starts.push(start);
    return readerOf(bytes)(start, end);
  });
  assert.equal(Number(footer.num_rows), 2000);
  assert.deepEqual(starts, [-16 * 1024]);
});

Deno.test("readParquetFooter says what is wrong", async () => {
  const bytes = await encodedRows({ format: "parquet", compression: "none" }, 2);
  const cases: [Uint8Array, RegExp][] = [
    [new Uint8Array(3), /3 bytes are no Parquet file/],
    [bytes.slice(0, -1), /its footer cannot be read/],
    [bytes.slice().fill(0xff, bytes.length - 8, bytes.length - 4), /its footer cannot be read/],
    [bytes.slice().fill(0, 100, bytes.length - 8), /its footer cannot be read/],
  ];
  for (const [bad, fault] of cases) await assert.rejects(readParquetFooter(readerOf(bad)), fault);
});
