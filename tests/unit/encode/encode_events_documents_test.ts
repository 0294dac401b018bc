import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { BSON, ObjectId } from "mongodb";
import { snapshotEvents } from "../../../src/bson/event/snapshot_event.ts";
import { encodeEvents } from "../../../src/encode/encode_events.ts";
import { Scratch } from "../../../src/encode/scratch.ts";
import { rowSuffix, type SnapshotRows } from "../../../src/model/snapshot.ts";
import type { RowEncoding } from "../../../src/model/settings.ts";
import type { EventChunk } from "../../../src/pipeline/ports.ts";

const ROWS: SnapshotRows = {
  ...{ database: "shop", collection: "orders", time: { t: 1_795_194_000, i: 7 } },
  ...{ suffix: rowSuffix("collection.shop.orders.initial", 1), row: 0 },
};

const PARQUET: RowEncoding = { format: "parquet", compression: "none", jsonMode: "relaxed" };

function documentsOf(documents: readonly Uint8Array[], rows: Partial<SnapshotRows> = {}) {
  let at = 0;
  const starts = Uint32Array.from(documents, ({ length }) => (at += length) - length);
  return { bytes: new Uint8Array(Buffer.concat(documents)), starts, rows: { ...ROWS, ...rows } };
}

function copyOf({ bytes, starts }: EventChunk): EventChunk {
  return { bytes: bytes.slice(), starts: starts.slice() };
}

/** Each alone, where one may be broken: what is wrong with it is told by its place in the bytes around it. */
function eventsOf({ bytes, starts, rows }: EventChunk): EventChunk[] {
  if (starts.length > 10) return [snapshotEvents(bytes, starts, rows!)];
  return [...starts].map((start, i) =>
    snapshotEvents(bytes, Uint32Array.of(start), { ...rows!, row: rows!.row + i })
  );
}

/** What is made of the documents as they are, which is what is made of their events. */
async function encodeBoth(chunks: readonly EventChunk[], encoding: RowEncoding = PARQUET) {
  const made = chunks.flatMap((chunk) =>
    chunk.rows === undefined ? [copyOf(chunk)] : eventsOf(chunk)
  );
  const fromEvents = await encodeEvents({ encoding, chunks: made }, new Scratch());
  const fromDocuments = await encodeEvents({ encoding, chunks }, new Scratch());
  const isSame = Buffer.from(fromDocuments.bytes).equals(Buffer.from(fromEvents.bytes));
  assert.ok(isSame, "the bytes of the object are others");
  assert.deepEqual({ ...fromDocuments, bytes: 0 }, { ...fromEvents, bytes: 0 });
  return fromDocuments;
}

function broken(): Uint8Array {
  const document = BSON.serialize({ _id: 2, a: { b: true } });
  document[document.length - 3] = 7; // No boolean.
  return document;
}

function brokenInKey(): Uint8Array {
  const document = BSON.serialize({ _id: "x", a: 1 });
  document[4] = 0x77; // No type.
  return document;
}

const MIXED = [
  documentsOf([
    ...[new ObjectId(), "a text", "", { of: "two", n: 1 }, null].map((_id) => ({ _id, é: "ü" })),
    { a: 1, _id: 3, b: "behind" },
  ].map((document) => BSON.serialize(document))),
  documentsOf([BSON.serialize({ _id: 1 }), broken(), BSON.serialize({ _id: 3 }), brokenInKey()], {
    row: 0xffffff - 1,
  }),
  documentsOf([brokenInKey()], { row: 20 }),
  documentsOf([BSON.serialize({ _id: 9 })], { collection: "other", time: { t: 5, i: 0 } }),
];

for (const format of ["parquet", "avro", "jsonl", "csv"] as const) {
  Deno.test(`documents become the object that their events become, with ${format}`, async () => {
    const { rows, failed } = await encodeBoth(MIXED, { ...PARQUET, format });
    assert.equal(rows, 9);
    assert.deepEqual(failed.map(({ index }) => index), [7, 9, 10]);
  });
}

Deno.test("rows of an earlier version are the same, too", async () => {
  await encodeBoth(MIXED, { ...PARQUET, encoderVersion: 1 });
});

Deno.test("documents between events have the columns that they have in common in their order", async () => {
  const { bytes, starts } = snapshotEvents(MIXED[0]!.bytes, MIXED[0]!.starts, {
    ...ROWS,
    ...{ database: "elsewhere", time: { t: 77, i: 78 } },
  });
  await encodeBoth([MIXED[0]!, { bytes, starts }, MIXED[1]!, MIXED[3]!]);
});

Deno.test("pages of the columns that documents have in common end where those of events do", async () => {
  // A page takes a megabyte, which is more than 131,072 times eight bytes.
  const one = BSON.serialize({ _id: 1 });
  const many = documentsOf(Array<Uint8Array>(140_000).fill(one));
  await encodeBoth([many, documentsOf([one], { row: many.starts.length, time: { t: 9, i: 9 } })]);
});

Deno.test("a group of rows that texts have filled ends at the document at which that of events does", async () => {
  const document = BSON.serialize({ _id: 1, text: "x".repeat(15 * 1024 * 1024) });
  await encodeBoth(
    Array.from({ length: 10 }, (_, row) => documentsOf([document], { row })),
  );
});
