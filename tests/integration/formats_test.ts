/** Every format with every compression, read back value by value by programs that others wrote. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { FORMATS } from "../../src/model/format.ts";
import { createInlineEncoder } from "../../src/encode/inline_encoder.ts";
import { type Compression, fileExtension, type Format } from "../../src/model/format.ts";
import { systemClock } from "../../src/support/clock.ts";
import {
  chunkOf,
  type Row,
  type SampleEvent,
  sampleEvent,
  sampleEvents,
} from "../contract/encoder_events.ts";
import { readWithDuckDb, type TextRow } from "../support/duckdb_reader.ts";
import { readWithPython } from "../support/python_readers.ts";

/** Enough small rows for several pages, blocks and parts of a text beside the special ones. */
const events = [
  ...sampleEvents(),
  ...Array.from({ length: 5000 }, (_, i) => sampleEvent(1000 + i)),
];

for (const [format, { compressions }] of Object.entries(FORMATS) as FormatEntries) {
  for (const compression of compressions) {
    if (format !== "avro") {
      Deno.test(`DuckDB reads ${format} with compression ${compression} value by value`, async () => {
        await using file = await encodedFile(events, format, compression);
        assertRows(await readWithDuckDb(file.path, format), events);
      });
    }
    if (format === "parquet" || format === "avro") {
      const reader = format === "parquet" ? "pyarrow" : "fastavro";
      Deno.test(`${reader} reads ${format} with compression ${compression} value by value`, async () => {
        await using file = await encodedFile(events, format, compression);
        assertRows(await readWithPython(file.path, format), events);
      });
    }
  }
}

Deno.test("an object without rows is a valid file of each format", async () => {
  for (const [format, { compressions }] of Object.entries(FORMATS) as FormatEntries) {
    for (const compression of compressions) {
      await using file = await encodedFile([], format, compression);
      const rows = format === "avro"
        ? await readWithPython(file.path, format)
        : await readWithDuckDb(file.path, format);
      assert.deepEqual(rows, [], `${format} ${compression}`);
    }
  }
});

Deno.test("a Parquet object of nulls alone in a column is read by DuckDB and pyarrow", async () => {
  const drops = Array.from({ length: 20 }, (_, i) =>
    sampleEvent(i, {
      operationType: "dropDatabase",
      collection: undefined,
      wallTimeMs: undefined,
      documentKey: undefined,
      fullDocument: undefined,
    }));
  for (const compression of FORMATS.parquet.compressions) {
    await using file = await encodedFile(drops, "parquet", compression);
    assertRows(await readWithDuckDb(file.path, "parquet"), drops);
    assertRows(await readWithPython(file.path, "parquet"), drops);
  }
});

type FormatEntries = [Format, (typeof FORMATS)[Format]][];

interface TemporaryFile extends AsyncDisposable {
  readonly path: string;
}

async function encodedFile(
  samples: readonly SampleEvent[],
  format: Format,
  compression: Compression,
): Promise<TemporaryFile> {
  const encoding = { format, compression, jsonMode: "canonical" } as const;
  const chunks = [chunkOf(samples.map((sample) => sample.bson))];
  const result = await createInlineEncoder(systemClock).encode({ encoding, chunks });
  assert.deepEqual(result.failed, []);
  assert.equal(result.rows, samples.length);
  const folder = await Deno.makeTempDir();
  const path = join(folder, `object.${fileExtension(encoding)}`);
  await Deno.writeFile(path, result.bytes);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

function assertRows(actual: readonly TextRow[], samples: readonly SampleEvent[]): void {
  assert.equal(actual.length, samples.length);
  actual.forEach((row, i) => assert.deepEqual(parsed(row), samples[i]!.row, `row ${i}`));
}

function parsed(row: TextRow): Row {
  const json = (name: string) => row[name] === null ? null : JSON.parse(row[name] as string);
  return {
    ...row,
    document_key: json("document_key"),
    full_document: json("full_document"),
    full_document_before_change: json("full_document_before_change"),
    update_description: json("update_description"),
  } as unknown as Row;
}
