import assert from "node:assert/strict";
import { PermanentError } from "../../../../src/model/errors.ts";
import {
  type ConcatInput,
  concatParquet,
  type ReadPart,
} from "../../../../src/encode/parquet/concat_parquet.ts";
import { openParquet } from "../../../../src/encode/parquet/parquet.ts";
import { concatBytes } from "../../../../src/support/bytes/concat_bytes.ts";
import { type SampleEvent, sampleEvent, sampleEvents } from "../../../contract/encoder_events.ts";
import { encodeRows } from "../encode_rows.ts";
import { parquetFooter, readParquet } from "../parquet_read.ts";

const ENCODING = { format: "parquet", compression: "none", jsonMode: "canonical" } as const;

const objects = new Map<string, Uint8Array<ArrayBuffer>>();

const read: ReadPart = (key, { start, end }) =>
  Promise.resolve(objects.get(key)?.slice(start, end));

async function objectOf(
  key: string,
  samples: readonly SampleEvent[],
  compression: "none" | "zstd" = "none",
): Promise<ConcatInput> {
  const bytes = await encodeRows(openParquet, { ...ENCODING, compression }, samples);
  objects.set(key, bytes);
  return { key, bytes: bytes.length, rows: samples.length };
}

async function whole(inputs: readonly ConcatInput[]): Promise<Uint8Array<ArrayBuffer>> {
  return concatBytes(await Array.fromAsync(concatParquet(inputs, read), (part) => part.slice()));
}

function many(first: number, count: number): SampleEvent[] {
  return Array.from({ length: count }, (_, i) => sampleEvent(first + i));
}

Deno.test("concatParquet has the rows of all inputs in their order, and their bounds", async () => {
  const samples = [sampleEvents(), many(1000, 300), many(2000, 1)];
  const inputs = await Promise.all(samples.map((each, i) => objectOf(`rows ${i}`, each)));
  const joined = await whole(inputs);
  const rows = await readParquet(joined);
  const apart = await Promise.all(inputs.map(({ key }) => readParquet(objects.get(key)!)));
  assert.deepEqual(rows, apart.flat());
  const footer = parquetFooter(joined);
  assert.equal(Number(footer.num_rows), rows.length);
  const own = inputs.flatMap(({ key }) => parquetFooter(objects.get(key)!).row_groups);
  const bounds = (groups: typeof own) =>
    groups.map(({ columns }) => columns.map(({ meta_data }) => meta_data!.statistics));
  assert.deepEqual(bounds(footer.row_groups), bounds(own));
  // Of one input alone it is the input.
  assert.deepEqual(await whole(inputs.slice(1, 2)), objects.get("rows 1"));
});

Deno.test("concatParquet joins what was joined, and objects of several parts and row groups", async () => {
  const large = sampleEvent(1, { fullDocument: { large: "x".repeat(15_000_000) } });
  const inputs = [
    await objectOf("small", many(1, 3)),
    await objectOf("large", Array.from({ length: 10 }, () => large)),
    await objectOf("compressed", many(5, 7), "zstd"),
  ];
  const joined = await whole(inputs);
  objects.set("joined", joined);
  const twice = { key: "joined", bytes: joined.length, rows: 20 };
  const again = await whole([twice, inputs[0]!]);
  const groups = parquetFooter(again).row_groups;
  assert.deepEqual(groups.map(({ num_rows }) => Number(num_rows)), [3, 9, 1, 7, 3]);
  let at = 4n;
  for (const group of groups) {
    assert.equal(group.file_offset, at);
    assert.equal(
      group.columns[0]!.meta_data!.dictionary_page_offset ??
        group.columns[0]!.meta_data!.data_page_offset,
      at,
    );
    at += group.total_compressed_size!;
  }
});

Deno.test("concatParquet refuses what is not what it should be, and what it would not write", async () => {
  const good = await objectOf("good", many(1, 3));
  const refused = async (input: ConcatInput, why: RegExp) => {
    await assert.rejects(whole([good, input, good]), (error: Error) => {
      assert(error instanceof PermanentError);
      assert.match(error.message, why);
      return true;
    });
  };
  await refused({ ...good, key: "nowhere" }, /"nowhere" with others: it is gone/);
  await refused({ ...good, rows: 4 }, /it has 3 rows and not 4/);
  await refused({ ...good, bytes: good.bytes - 1 }, /it has not \d+ bytes/);
  await refused({ ...good, bytes: good.bytes + 1 }, /it has not \d+ bytes/);
  const changed = (key: string, change: (bytes: Uint8Array) => void) => {
    const bytes = objects.get("good")!.slice();
    change(bytes);
    objects.set(key, bytes);
    return { ...good, key };
  };
  await refused(changed("no magic", (bytes) => bytes[0] = 0), /it is no Parquet object/);
  await refused(changed("no footer", (bytes) => bytes[bytes.length - 5] = 99), /cannot be read/);
  const named = (bytes: Uint8Array) => {
    const text = new TextDecoder("latin1").decode(bytes);
    bytes[text.indexOf("wall_time")] = "W".charCodeAt(0);
  };
  await refused(changed("other column", named), /columns or properties/);
});
