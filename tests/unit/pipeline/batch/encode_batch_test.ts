import assert from "node:assert/strict";
import { positionAt } from "../../../../src/model/position.ts";
import type { Encoding } from "../../../../src/model/settings.ts";
import { type Batch, Batcher } from "../../../../src/pipeline/batch/batcher.ts";
import { encodeBatch, encodeObject } from "../../../../src/pipeline/batch/encode_batch.ts";
import type { BegunObject, Encoder, EncodeResult } from "../../../../src/pipeline/ports.ts";
import { eventBytes, replyOf, sketchToken } from "../../../support/event_factory.ts";

const ENCODING: Encoding = { format: "jsonl", compression: "none", jsonMode: "relaxed" };
const LIMITS = { rowsMax: 100, bytesMax: 1 << 20, objectsMax: 100 };

Deno.test("encodeBatch keeps the objects in order and sums up what they cost", async () => {
  const batch = batchOf(["a", "b", "c", "a"]);
  const encoded = await encodeBatch(countingEncoder(), ENCODING, batch);
  assert.deepEqual(encoded.objects.map((o) => [o.collection, o.rows, o.bytes.length]), [
    ["a", 2, 20],
    ["b", 1, 10],
    ["c", 1, 10],
  ]);
  assert.deepEqual([encoded.rows, encoded.bytes, encoded.rawBytes], [4, 40, batch.bytes]);
  assert.equal(encoded.encodeMs, 3);
  assert.deepEqual(encoded.to, batch.to);
});

Deno.test("encodeBatch leaves out an object of which no event could be encoded", async () => {
  const batch = batchOf(["a", "bad", "c"]);
  const encoded = await encodeBatch(countingEncoder("bad"), ENCODING, batch);
  assert.deepEqual(encoded.objects.map((o) => o.collection), ["a", "c"]);
  const event = eventBytes({ t: 10, i: 2, database: "shop", collection: "bad" });
  assert.deepEqual(encoded.deadLetters, [{
    data: sketchToken({ t: 10, i: 2 }),
    reason: "it is bad",
    event,
  }]);
  assert.equal(encoded.bytes, 20 + event.length);
  assert.equal(encoded.rows, 3);
});

Deno.test("encodeBatch adds what the server could not produce to the dead letters", async () => {
  const letter = { data: "82", reason: "too large", event: new Uint8Array(9) };
  const batch = { ...batchOf(["a"]), unreadable: [letter] };
  const encoded = await encodeBatch(countingEncoder(), ENCODING, batch);
  assert.deepEqual(encoded.deadLetters, [letter]);
});

Deno.test("encodeObject passes on what the encoder throws", async () => {
  const encoder: Encoder = { encode: () => Promise.reject(new Error("it died")) };
  await assert.rejects(encodeObject(encoder, ENCODING, batchOf(["a"]).objects[0]!), /it died/);
});

Deno.test("encodeBatch finishes what was begun, and drops it all where one object fails", async () => {
  const [a, b] = batchOf(["a", "b"]).objects;
  const calls: string[] = [];
  const begun = (name: string, finish: () => Promise<EncodeResult>): BegunObject => ({
    isBehind: false,
    add: () => {},
    finish: (chunks) => (calls.push(`finish ${name} ${chunks.length}`), finish()),
    drop: () => calls.push(`drop ${name}`),
  });
  const encoder = countingEncoder();
  const good = () => encoder.encode({ encoding: ENCODING, chunks: a!.chunks });
  const batch = { ...batchOf(["a", "b"]), objects: [{ ...a!, begun: begun("a", good) }, b!] };
  const encoded = await encodeBatch(encoder, ENCODING, batch);
  assert.deepEqual(encoded.objects.map((o) => [o.collection, o.rows]), [["a", 1], ["b", 1]]);
  assert.equal(calls[0], "finish a 1");
  calls.length = 0;
  const bad = () => Promise.reject(new Error("it died"));
  const many = Array.from({ length: 20 }, (_, i) => ({ ...a!, begun: begun(`${i}`, bad) }));
  await assert.rejects(encodeBatch(encoder, ENCODING, { ...batch, objects: many }), /it died/);
  assert.ok(calls.filter((call) => call.startsWith("finish")).length < 20);
  assert.equal(calls.filter((call) => call.startsWith("drop")).length, 20);
});

Deno.test("encodeBatch gives small objects to the encoder together, and others alone", async () => {
  const encoder = countingEncoder();
  const groups: number[] = [];
  const grouping: Encoder = {
    encode: (request) => (groups.push(1), encoder.encode(request)),
    encodeTogether(requests) {
      groups.push(requests.length);
      return Promise.all(requests.map((request) => encoder.encode(request)));
    },
  };
  const names = Array.from({ length: 150 }, (_, i) => `c${i}`);
  const large = new Uint8Array(600 * 1024);
  const batch = batchOf([...names, "large", "d", "begun", "e", "f"], 1000);
  const objects = batch.objects.map((object) => {
    if (object.collection === "large") {
      const [{ starts, bytes }] = object.chunks as [typeof object.chunks[number]];
      large.set(bytes);
      return { ...object, chunks: [{ starts, bytes: large }] };
    }
    if (object.collection !== "begun") return object;
    const finish = () => encoder.encode({ encoding: ENCODING, chunks: object.chunks });
    return { ...object, begun: { isBehind: false, add() {}, finish, drop() {} } };
  });
  const encoded = await encodeBatch(grouping, ENCODING, { ...batch, objects });
  assert.deepEqual(encoded.objects.map((o) => o.collection), [
    ...names,
    ...["large", "d", "begun", "e", "f"],
  ]);
  assert.deepEqual(groups, [64, 64, 22, 1, 1, 2]);
});

function batchOf(collections: readonly string[], rowsMax = LIMITS.rowsMax): Batch {
  const start = positionAt({ t: 1, i: 1 });
  const limits = { ...LIMITS, rowsMax, objectsMax: rowsMax };
  const batcher = new Batcher({ level: "deployment" }, start, "hour", limits);
  const events = collections.map((collection, i) => ({
    t: 10,
    i: i + 1,
    database: "shop",
    collection,
  }));
  batcher.add({ reply: replyOf(events), next: 0 });
  return batcher.cut()!;
}

/** Ten bytes a row and a millisecond an object; events that mention `bad` are no rows. */
function countingEncoder(bad = "nothing is"): Encoder {
  return {
    encode({ chunks }) {
      const failed = chunks.flatMap(({ bytes, starts }) =>
        [...starts].map((start, index) => {
          const size = new DataView(bytes.buffer).getInt32(start, true);
          return { index, event: bytes.slice(start, start + size), reason: "it is bad" };
        })
      ).filter(({ event }) => new TextDecoder("latin1").decode(event).includes(bad));
      const rows = chunks.reduce((sum, c) => sum + c.starts.length, 0) - failed.length;
      const operations = { insert: rows };
      const bytes = new Uint8Array(rows * 10);
      return Promise.resolve({ bytes, rows, operations, failed, encodeMs: 1 });
    },
  };
}
