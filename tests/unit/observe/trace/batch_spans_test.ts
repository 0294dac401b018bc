import assert from "node:assert/strict";
import { positionAfterToken } from "../../../../src/model/position.ts";
import { BatchSpans } from "../../../../src/observe/trace/batch_spans.ts";
import type { Span } from "../../../../src/observe/trace/span.ts";
import type { PipelineEvent } from "../../../../src/pipeline/events.ts";

const to = (n: number) => positionAfterToken(`82691F5B400000000${n}2B0229296E04`);

type Fields<T extends PipelineEvent["type"]> = Partial<Extract<PipelineEvent, { type: T }>>;

const reply = (events: number, waitMs: number): PipelineEvent => ({
  type: "reply-read",
  ...{ events, waitMs, bytes: 100, highWater: to(1).operationTime },
});
const encoded = (n: number, fields: Fields<"batch-encoded"> = {}): PipelineEvent => ({
  type: "batch-encoded",
  ...{
    rows: 10,
    rawBytes: 900,
    bytes: 300,
    encodeMs: 20,
    waitMs: 5,
    finishMs: 25,
    to: to(n),
    ...fields,
  },
});
const appended = (n: number): PipelineEvent => ({
  type: "record-appended",
  ...{ kind: "batch", seq: n, to: to(n), appendMs: 7 },
});
const stored = (n: number, object = 0): PipelineEvent => ({
  type: "object-stored",
  ...{ key: `db=a/a-b-0badcafe-${n}-${object}.parquet`, database: "a", collection: "b", rows: 5 },
  ...{ operations: {}, bytes: 150, putMs: 9, outcome: "created" },
});
const durable = (n: number, fields: Fields<"batch-durable"> = {}): PipelineEvent => ({
  type: "batch-durable",
  ...{
    seq: n,
    rows: 10,
    objects: 2,
    bytes: 300,
    deadLetters: 0,
    batchMs: 100,
    to: to(n),
    ...fields,
  },
});

/** The spans that these events, each at its time, end in. */
function spansOf(events: readonly (readonly [number, PipelineEvent])[]): Span[] {
  const spans: Span[] = [];
  const stream = new BatchSpans({ "tributary.stream": "database:a" }, (span) => spans.push(span));
  for (const [atMs, event] of events) stream.take(event, atMs);
  return spans;
}

const times = ({ name, startMs, endMs }: Span) => [name, startMs, endMs];

Deno.test("BatchSpans makes a span of each batch, with its stages one after the other", () => {
  const [batch, ...others] = spansOf([
    [1000, reply(6, 50)],
    [1050, reply(4, 40)],
    [1085, encoded(1)],
    [1070, reply(3, 1)],
    [1092, appended(1)],
    [1097, stored(1, 0)],
    [1099, stored(1, 1)],
    [1100, durable(1)],
  ]);
  assert.equal(others.length, 0);
  assert.deepEqual(times(batch!), ["batch", 1000, 1100]);
  assert.deepEqual(batch!.attributes, {
    "tributary.stream": "database:a",
    "tributary.seq": 1,
    "tributary.events": 10,
    "tributary.objects": 2,
    "tributary.bytes": 300,
    "tributary.dead_letters": 0,
    "tributary.position": "1763662656.1",
  });
  assert.deepEqual(batch!.children!.map(times), [
    ["read", 1000, 1060],
    ["encode", 1060, 1085],
    ["append", 1085, 1092],
    ["upload", 1092, 1099],
    ["commit", 1099, 1100],
  ]);
  const [read, encode, , upload] = batch!.children!;
  assert.deepEqual(read!.attributes, {
    "tributary.replies": 2,
    "tributary.events": 10,
    "tributary.server_wait_ms": 90,
  });
  assert.equal(encode!.attributes["tributary.raw_bytes"], 900);
  assert.equal(encode!.attributes["tributary.encode_ms"], 20);
  assert.deepEqual(upload!.events!.map(({ atMs }) => atMs), [1097, 1099]);
  assert.equal(upload!.events![0]!.attributes["tributary.put_ms"], 9);
  assert.equal(batch!.error, undefined);
});

Deno.test("BatchSpans keeps batches apart that are encoded and stored out of order", () => {
  const spans = spansOf([
    [1000, reply(10, 50)],
    [1010, reply(10, 50)],
    [1030, encoded(2, { finishMs: 12 })],
    [1031, encoded(1, { finishMs: 26 })],
    [1040, appended(1)],
    [1041, appended(2)],
    [1045, stored(2)],
    [1050, durable(2, { objects: 1, batchMs: 35 })],
    [1055, stored(1)],
    [1060, durable(1, { objects: 1, batchMs: 60 })],
  ]);
  assert.deepEqual(spans.map(({ attributes }) => attributes["tributary.seq"]), [2, 1]);
  for (const { children } of spans) {
    assert.equal(children![0]!.attributes["tributary.events"], 10);
    assert.equal(children![3]!.attributes["tributary.objects"], 1);
  }
});

Deno.test("BatchSpans ends batches with the failure that they came to nothing by", () => {
  const failed: PipelineEvent = {
    type: "stream-failed",
    error: "503",
    permanent: false,
    retryMs: 1,
  };
  const spans = spansOf([
    [1000, reply(10, 50)],
    [1085, encoded(1)],
    [1090, appended(1)],
    [1095, encoded(2)],
    [1100, failed],
    [1101, failed],
  ]);
  assert.deepEqual(spans.map((span) => [...times(span), span.error]), [
    ["batch", 1000, 1100, "503"],
    ["batch", 1070, 1100, "503"],
    ["stream failed", 1101, 1101, "503"],
  ]);
  assert.deepEqual(spans[1]!.children!.map(({ name }) => name), ["read", "encode"]);
  assert.equal(spans[0]!.attributes["tributary.seq"], 1);
  assert.equal(spans[1]!.attributes["tributary.seq"], undefined);
});

Deno.test("BatchSpans shows lost sources, other writers and objects made again", () => {
  const spans = spansOf([
    [10, { type: "source-lost", reason: "cursor killed" }],
    [20, { type: "fenced", reason: "another writer" }],
    [30, { type: "redo-started", seq: 4, objects: 2 }],
    [35, stored(4)],
    [40, { type: "redo-finished", seq: 4, objects: 2 }],
  ]);
  assert.deepEqual(spans.map(times), [["source lost", 10, 10], ["fenced", 20, 20], [
    "redo",
    30,
    40,
  ]]);
  assert.deepEqual(spans.map(({ error }) => error), ["cursor killed", "another writer", undefined]);
});

Deno.test("BatchSpans names some objects of a batch and counts all", () => {
  const many = Array.from({ length: 100 }, (_, n) => [1000 + n, stored(1, n)] as const);
  const [batch] = spansOf([[900, encoded(1)], [950, appended(1)], ...many, [1200, durable(1)]]);
  const upload = batch!.children![3]!;
  assert.equal(upload.attributes["tributary.objects"], 100);
  assert.equal(upload.events!.length, 64);
});

Deno.test("BatchSpans forgets what a run has left behind when the next one begins", () => {
  const spans = spansOf([
    [900, reply(1, 1)],
    [1000, encoded(1)],
    [1100, { type: "stream-started", generation: 2 }],
    [1200, durable(1)],
  ]);
  assert.deepEqual(spans, []);
});
