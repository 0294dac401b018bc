import assert from "node:assert/strict";
import { deserialize } from "bson";
import { createInlineEncoder } from "../../../src/encode/inline_encoder.ts";
import { inspectObject, objectInspector } from "../../../src/encode/inspect_object.ts";
import { FEED_PART_BYTES, type ReadObject } from "../../../src/encode/compress/object_feed.ts";
import { TransientError } from "../../../src/model/errors.ts";
import { compressionsOf, fileExtension, FORMAT_NAMES } from "../../../src/model/format.ts";
import type { Encoding } from "../../../src/model/settings.ts";
import { systemClock } from "../../../src/support/clock.ts";
import { crc32Hex } from "../../../src/support/bytes/crc32.ts";
import { chunkOf, sampleEvent } from "../../contract/encoder_events.ts";
import { SeededRandom } from "../../support/seeded_random.ts";

const ROWS = 321;

/** As many rows as fill the pages and blocks of every format a few times, compressed or not. */
const ROWS_OF_MANY_PARTS = 12_000;

const ENCODINGS = FORMAT_NAMES.flatMap((format) =>
  compressionsOf(format).map((compression): Encoding => ({
    format,
    compression,
    jsonMode: "relaxed",
  }))
);

for (const encoding of ENCODINGS) {
  const { format, compression } = encoding;
  const key = `a/b-1-0.${fileExtension(encoding)}`;

  Deno.test(`inspectObject counts ${format} with compression ${compression}, and reads it all`, async () => {
    const bytes = await encoded(encoding, ROWS);
    const counted = await inspectObject(key, bytes.length, reader(bytes), "rows");
    assert.equal(counted.rows, ROWS);
    assert.equal(counted.fault, undefined);
    const read = await inspectObject(key, bytes.length, reader(bytes), "everything");
    assert.deepEqual(read, { rows: ROWS, crc32: crc32Hex(bytes), times: timesOf(ROWS) });
  });

  Deno.test(`inspectObject finds 20 kB of zeros anywhere in ${format} with compression ${compression}`, async () => {
    const bytes = await encoded(encoding, ROWS_OF_MANY_PARTS);
    assert(bytes.length > 200_000, `${bytes.length}`);
    let foundByItsFormat = 0;
    for (let tenth = 0; tenth <= 10; tenth += 2) {
      const at = Math.floor((bytes.length - 20_000) * tenth / 10);
      const zeroed = bytes.slice().fill(0, at, at + 20_000);
      const found = await inspectObject(key, zeroed.length, reader(zeroed), "everything");
      assert.notEqual(found.crc32, crc32Hex(bytes));
      if (found.fault !== undefined || found.rows !== ROWS_OF_MANY_PARTS) foundByItsFormat++;
    }
    // Zeroed literals of a zstd frame are other letters in a text that is as long: only a checksum tells.
    assert(foundByItsFormat >= (compression === "zstd" ? 3 : 6), `${foundByItsFormat}`);
  });

  Deno.test(`inspectObject finds a lost end of ${format} with compression ${compression}`, async () => {
    const bytes = await encoded(encoding, ROWS);
    for (const left of [0, 1, 4, 7, 100, bytes.length >> 1, bytes.length - 20, bytes.length - 1]) {
      const cut = bytes.slice(0, left);
      const found = await inspectObject(key, cut.length, reader(cut), "everything");
      assert.notEqual(found.rows, ROWS, `${left} of ${bytes.length} bytes`);
    }
  });
}

Deno.test("inspectObject reads a large object in parts", async () => {
  const encoding: Encoding = { format: "jsonl", compression: "none", jsonMode: "relaxed" };
  const bytes = await encoded(encoding, 6000, 1500);
  const sizes: number[] = [];
  const read: ReadObject = async (start, end) => {
    const part = await reader(bytes)(start, end);
    sizes.push(part.length);
    return part;
  };
  const found = await inspectObject("a.jsonl", bytes.length, read, "everything");
  assert.deepEqual(found, { rows: 6000, crc32: crc32Hex(bytes), times: timesOf(6000) });
  assert(sizes.length > 2 && Math.max(...sizes) === FEED_PART_BYTES, `${sizes}`);
});

Deno.test("inspectObject reads a Parquet object of several parts and row groups", async () => {
  const encoding: Encoding = { format: "parquet", compression: "none", jsonMode: "relaxed" };
  const bytes = await encoded(encoding, 6000, 1500);
  assert(bytes.length > 2 * FEED_PART_BYTES);
  const found = await inspectObject("a.parquet", bytes.length, reader(bytes), "everything");
  assert.deepEqual(found, { rows: 6000, crc32: crc32Hex(bytes), times: timesOf(6000) });
});

Deno.test("inspectObject reads a small object once", async () => {
  const encoding: Encoding = { format: "parquet", compression: "zstd", jsonMode: "relaxed" };
  const bytes = await encoded(encoding, ROWS);
  let reads = 0;
  const read: ReadObject = (start, end) => (reads++, reader(bytes)(start, end));
  await inspectObject("a.parquet", bytes.length, read, "everything");
  assert.equal(reads, 1);
});

Deno.test("inspectObject says what is wrong with bytes of any kind, and never fails on them", async () => {
  const random = new SeededRandom(7);
  for (const encoding of ENCODINGS) {
    const key = `a.${fileExtension(encoding)}`;
    const bytes = await encoded(encoding, ROWS);
    for (let round = 0; round < 20; round++) {
      const damaged = bytes.slice();
      const at = Math.floor(random.fraction() * damaged.length);
      for (let i = at; i < Math.min(damaged.length, at + 40); i++) {
        damaged[i] = random.fraction() * 256;
      }
      const found = await inspectObject(key, damaged.length, reader(damaged), "everything");
      assert.equal(found.crc32, crc32Hex(damaged));
    }
    const nonsense = new TextEncoder().encode("this is no such file, whatever it is called");
    const found = await inspectObject(key, nonsense.length, reader(nonsense), "everything");
    assert.match(found.fault ?? "", /^it is damaged \(.+\)$/, key);
  }
  const strange = await inspectObject("a.txt", 0, reader(new Uint8Array(0)), "rows");
  assert.match(strange.fault ?? "", /no extension that is known/);
});

Deno.test("inspectObject tells what it cannot read from what is damaged", async () => {
  const down = () => Promise.reject(new TransientError("Cannot read: down"));
  for (const key of ["a.parquet", "a.avro", "a.jsonl.gz", "a.csv.zst"]) {
    await assert.rejects(inspectObject(key, 100, down, "everything"), TransientError);
  }
});

Deno.test("objectInspector reads parts of objects from where they lie, and says when one is gone", async () => {
  const ranges: unknown[] = [];
  const inspect = objectInspector({
    get: (key, range) => {
      ranges.push(range);
      return Promise.resolve(
        key === "a.jsonl" ? new TextEncoder().encode("{}\n{}\n") : undefined,
      );
    },
  });
  assert.equal((await inspect("a.jsonl", 6, "rows")).rows, 2);
  assert.deepEqual(ranges, [{ start: 0, end: 6 }]);
  await assert.rejects(inspect("b.parquet", 6, "rows"), /Cannot read b\.parquet: it is gone/);
});

/** Between which times, and which tokens, so many sample events lie. */
function timesOf(rows: number) {
  const [first, last] = [sampleEvent(0), sampleEvent(rows - 1)].map(({ bson }) =>
    deserialize(bson)
  );
  const ms = (event: typeof first) => event!["clusterTime"].getHighBits() * 1000;
  const tokens = [first!["_id"]._data, last!["_id"]._data];
  return { firstMs: ms(first), lastMs: ms(last), tokens };
}

function reader(bytes: Uint8Array): ReadObject {
  return (start, end) => Promise.resolve(new Uint8Array(bytes).slice(start, end));
}

/** Rows whose texts compress little, so that zeros can be laid into every part of the file. */
async function encoded(encoding: Encoding, rows: number, digits = 80): Promise<Uint8Array> {
  const random = new SeededRandom(rows);
  const events = Array.from({ length: rows }, (_, i) => {
    const fullDocument = { text: `a "quoted"\r\nline, and more: ${random.hex(digits)}` };
    return sampleEvent(i, { fullDocument }).bson;
  });
  const chunks = [chunkOf(events)];
  const result = await createInlineEncoder(systemClock).encode({ encoding, chunks });
  assert.equal(result.rows, rows);
  return result.bytes;
}
