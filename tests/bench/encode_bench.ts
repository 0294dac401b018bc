/**
 * What an event of 440 bytes (its document) costs from BSON to an object: `deno run -A tests/bench/encode_bench.ts`.
 *
 * Prints the best of several rounds in microseconds an event, the object's bytes an event, and the memory the process
 * took at most. Not a `Deno.bench`, which would repeat rounds of a second each far too often.
 */
import { calculateObjectSize, Double, Int32, ObjectId } from "bson";
import { createInlineEncoder } from "../../src/encode/inline_encoder.ts";
import type { Encoding } from "../../src/model/settings.ts";
import type { EventChunk } from "../../src/pipeline/ports.ts";
import { systemClock } from "../../src/support/clock.ts";
import { chunkOf, sampleEvent } from "../contract/encoder_events.ts";

const EVENTS = 50_000;
const ROUNDS = 7;

const ENCODINGS: readonly Encoding[] = [
  { format: "parquet", compression: "zstd", jsonMode: "relaxed" },
  { format: "parquet", compression: "none", jsonMode: "relaxed" },
  { format: "parquet", compression: "snappy", jsonMode: "relaxed" },
  { format: "jsonl", compression: "zstd", jsonMode: "relaxed" },
  { format: "jsonl", compression: "gzip", jsonMode: "relaxed" },
  { format: "csv", compression: "zstd", jsonMode: "relaxed" },
  { format: "avro", compression: "zstd", jsonMode: "relaxed" },
];

function order(i: number): object {
  return {
    _id: new ObjectId(i.toString(16).padStart(24, "0")),
    orderNumber: `ORD-2026-${String(i * 7919 % 10_000_000).padStart(10, "0")}`,
    customer: { name: `Customer ${i * 31 % 9973}`, email: `c${i * 31 % 9973}@example.com` },
    status: ["new", "paid", "packed", "sent"][i % 4],
    items: [
      { sku: `SKU-${i * 13 % 997}`, quantity: new Int32(i % 5), price: new Double(i % 9973 / 100) },
      { sku: `SKU-${i * 17 % 997}`, quantity: new Int32(i % 3), price: new Double(i % 7919 / 50) },
    ],
    currency: "EUR",
    createdAt: new Date(1_763_690_000_000 + i * 37),
    paid: i % 2 === 0,
    address: { street: `Long Road ${i * 29 % 4999}`, city: "Springfield", zip: `${10_000 + i}` },
    tags: ["web", "gift"],
    note: `leave at door ${i * 101 % 5003}, ring ${i % 3 + 1} times`,
  };
}

function backlog(): EventChunk {
  const events: Uint8Array[] = [];
  for (let i = 0; i < EVENTS; i++) events.push(sampleEvent(i, { fullDocument: order(i) }).bson);
  return chunkOf(events);
}

const chunk = backlog();
const encoder = createInlineEncoder(systemClock);
console.log(
  `${EVENTS} events of ${chunk.bytes.length / EVENTS} bytes, documents of ${
    calculateObjectSize(order(123_456))
  } bytes`,
);
for (const encoding of ENCODINGS) {
  let bestMs = Infinity;
  let bytes = 0;
  for (let round = 0; round < ROUNDS; round++) {
    // The inline encoder leaves the chunk as it is, so it can be encoded again.
    const result = await encoder.encode({ encoding, chunks: [chunk] });
    bestMs = Math.min(bestMs, result.encodeMs);
    bytes = result.bytes.length;
  }
  console.log(
    `${encoding.format} ${encoding.compression}: ${(bestMs * 1000 / EVENTS).toFixed(2)} us, ${
      (bytes / EVENTS).toFixed(0)
    } bytes an event`,
  );
}
console.log(`memory: ${Math.round(Deno.memoryUsage().rss / 1024 ** 2)} MiB`);
