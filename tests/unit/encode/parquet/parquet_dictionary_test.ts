import assert from "node:assert/strict";
import fc from "fast-check";
import { ByteSink } from "../../../../src/bson/byte_sink.ts";
import { openParquet } from "../../../../src/encode/parquet/parquet.ts";
import { DictionaryColumn } from "../../../../src/encode/parquet/parquet_dictionary.ts";
import { Scratch } from "../../../../src/encode/scratch.ts";
import { sampleEvent } from "../../../contract/encoder_events.ts";
import { encodeRows } from "../encode_rows.ts";
import { readParquet } from "../parquet_read.ts";

const PLAIN = { name: "UNCOMPRESSED", compress: (bytes: Uint8Array) => bytes } as const;
const OPTIONAL = { name: "c", type: "BYTE_ARRAY", repetition_type: "OPTIONAL" } as const;

Deno.test("DictionaryColumn gives back any texts and nulls in any order", async () => {
  const encoding = { format: "parquet", compression: "none", jsonMode: "relaxed" } as const;
  const name = fc.option(fc.string({ unit: "grapheme", maxLength: 3 }), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(fc.array(name, { maxLength: 200 }), async (collections) => {
      const samples = collections.map((collection, i) => sampleEvent(i, { collection }));
      const rows = await readParquet(await encodeRows(openParquet, encoding, samples));
      assert.deepEqual(rows.map((row) => row.collection ?? undefined), collections);
    }),
    { numRuns: 50 },
  );
});

Deno.test("DictionaryColumn holds each text once and repairs what is not UTF-8", () => {
  const column = new DictionaryColumn(OPTIONAL, PLAIN, new Scratch());
  const source = new Uint8Array([0x61, 0x62, 0xff, 0x61, 0x62]);
  column.addText(source, 0, 2);
  column.addText(source, 2, 3);
  column.addText(source, 3, 5);
  const out = new ByteSink(0);
  const bytes = column.endPages();
  const { meta_data } = column.endGroup(out);
  assert.equal(out.length, bytes);
  assert.equal(meta_data!.num_values, 3n);
  assert.deepEqual(meta_data!.statistics!.min_value, new Uint8Array([0x61, 0x62]));
  assert.deepEqual(meta_data!.statistics!.max_value, new Uint8Array([0xef, 0xbf, 0xbd]));
});

Deno.test("DictionaryColumn of nulls alone has no dictionary", () => {
  const column = new DictionaryColumn(OPTIONAL, PLAIN, new Scratch());
  column.addNull();
  column.endPages();
  const { meta_data } = column.endGroup(new ByteSink(0));
  assert.equal(meta_data!.dictionary_page_offset, undefined);
  assert.deepEqual(meta_data!.statistics, { null_count: 1n });
});
