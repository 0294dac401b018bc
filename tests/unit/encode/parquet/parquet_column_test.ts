import assert from "node:assert/strict";
import type { SchemaElement } from "hyparquet-writer";
import { ByteSink } from "../../../../src/bson/byte_sink.ts";
import { PlainColumn } from "../../../../src/encode/parquet/parquet_column.ts";
import { Scratch } from "../../../../src/encode/scratch.ts";

const NUMBERS: SchemaElement = { name: "n", type: "INT64", repetition_type: "OPTIONAL" };
const TEXTS: SchemaElement = { name: "t", type: "BYTE_ARRAY", repetition_type: "OPTIONAL" };
const PLAIN = { name: "UNCOMPRESSED", compress: (bytes: Uint8Array) => bytes } as const;

Deno.test("PlainColumn writes integers of 64 bits, also negative and large ones", () => {
  const values = [0, -1, 2 ** 32, -(2 ** 32) - 5, 8.64e15, -8.64e15, 0x80000000];
  const column = new PlainColumn({ ...NUMBERS, repetition_type: "REQUIRED" }, PLAIN, new Scratch());
  for (const value of values) column.addInt64(value);
  const out = new ByteSink(0);
  const bytes = column.endPages();
  const { meta_data } = column.endGroup(out);
  assert.equal(out.length, bytes);
  const page = new DataView(out.take().buffer).byteLength - 8 * values.length;
  const view = new DataView(out.take().buffer, page);
  const read = values.map((_, i) => Number(view.getBigInt64(8 * i, true)));
  assert.deepEqual(read, values);
  assert.equal(meta_data!.statistics!.min_value, -8640000000000000n);
  assert.equal(meta_data!.statistics!.max_value, 8640000000000000n);
});

Deno.test("PlainColumn counts nulls and has no bounds without values", () => {
  const column = new PlainColumn(NUMBERS, PLAIN, new Scratch());
  for (let i = 0; i < 10; i++) column.addNull();
  column.endPages();
  const { meta_data } = column.endGroup(new ByteSink(0));
  assert.equal(meta_data!.num_values, 10n);
  assert.deepEqual(meta_data!.statistics, { null_count: 10n });
});

Deno.test("PlainColumn.dropText leaves no trace of a text that was begun", () => {
  const columns = [0, 1].map(() => new PlainColumn(TEXTS, PLAIN, new Scratch()));
  columns[1]!.beginText().writeAscii("given up half-way");
  columns[1]!.dropText();
  columns[1]!.dropText();
  const files = columns.map((column) => {
    column.beginText().writeAscii("kept");
    assert.equal(column.endText(), 4);
    assert.equal(column.endText(), 0, "nothing begun is null");
    const out = new ByteSink(0);
    column.endPages();
    column.endGroup(out);
    return out.take();
  });
  assert.deepEqual(files[1], files[0]);
});

Deno.test("PlainColumn ends a page when it is full, and begins a new group empty", () => {
  const column = new PlainColumn(TEXTS, PLAIN, new Scratch());
  for (let i = 0; i < 5; i++) {
    const page = column.beginText();
    for (let j = 0; j < 600; j++) page.writeAscii("x".repeat(1000));
    column.endText();
    column.endRow();
  }
  column.endPages();
  const first = column.endGroup(new ByteSink(0)).meta_data!;
  assert.equal(first.encoding_stats![0]!.count, 3);
  assert.equal(first.num_values, 5n);
  column.addNull();
  column.endPages();
  assert.equal(column.endGroup(new ByteSink(0)).meta_data!.num_values, 1n);
});
