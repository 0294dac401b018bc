import assert from "node:assert/strict";
import { ENCODER_VERSION } from "../../../src/model/columns.ts";
import { openParquet } from "../../../src/encode/parquet.ts";
import { sampleEvent, sampleEvents } from "../../contract/encoder_events.ts";
import { encodeRows } from "./encode_rows.ts";
import { parquetFooter, readParquet } from "./parquet_read.ts";

const ENCODING = { format: "parquet", compression: "none", jsonMode: "canonical" } as const;

Deno.test("openParquet writes a file that hyparquet reads", async () => {
  const samples = sampleEvents();
  const rows = await readParquet(await encodeRows(openParquet, ENCODING, samples));
  assert.equal(rows.length, samples.length);
  rows.forEach((row, i) => {
    const expected = samples[i]!.row;
    assert.equal(row.collection ?? null, expected.collection);
    assert.equal((row.cluster_time as Date).getTime(), expected.cluster_time);
    assert.equal((row.wall_time as Date | undefined)?.getTime() ?? null, expected.wall_time);
    assert.deepEqual(row.full_document ?? null, expected.full_document);
    assert.equal(row.resume_token, expected.resume_token);
  });
});

Deno.test("openParquet makes one row group of an object and bounds for what is worth skipping by", async () => {
  const samples = Array.from(
    { length: 500 },
    (_, i) => sampleEvent(i, { operationType: i % 2 === 0 ? "update" : "insert" }),
  );
  const footer = parquetFooter(await encodeRows(openParquet, ENCODING, samples));
  assert.equal(footer.row_groups.length, 1);
  assert.equal(footer.num_rows, 500n);
  const statistics = Object.fromEntries(footer.row_groups[0]!.columns.map(({ meta_data }) => [
    meta_data!.path_in_schema[0]!,
    meta_data!.statistics!,
  ]));
  assert.equal(statistics.operation!.min_value, "insert");
  assert.equal(statistics.operation!.max_value, "update");
  assert.deepEqual(statistics.cluster_time!.min_value, new Date(samples[0]!.row.cluster_time));
  assert.deepEqual(statistics.cluster_time!.max_value, new Date(samples[499]!.row.cluster_time));
  assert.equal(statistics.cluster_increment!.max_value, 100);
  assert.equal(statistics.full_document!.min_value, undefined);
  assert.equal(statistics.update_description!.null_count, 500n);
});

Deno.test("openParquet begins another row group when the texts of one are over its limit", async () => {
  const large = sampleEvent(1, { fullDocument: { large: "x".repeat(15_000_000) } });
  const samples = Array.from({ length: 10 }, () => large);
  const bytes = await encodeRows(openParquet, { ...ENCODING, compression: "snappy" }, samples);
  const groups = parquetFooter(bytes).row_groups;
  assert.deepEqual(groups.map((group) => Number(group.num_rows)), [9, 1]);
  assert.equal(groups[1]!.file_offset, groups[0]!.file_offset! + groups[0]!.total_compressed_size!);
});

Deno.test("openParquet writes a file without rows", async () => {
  const footer = parquetFooter(await encodeRows(openParquet, ENCODING, []));
  assert.equal(footer.num_rows, 0n);
  assert.equal(footer.created_by, `tributary version ${ENCODER_VERSION}`);
});
