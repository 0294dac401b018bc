/** What a traced program must send of a batch, whoever sends it. */
import assert from "node:assert/strict";
import { streamingSettings } from "../blackbox/settings.ts";
import { childrenOf, type OtlpCollector } from "./otlp_collector.ts";

/** Settings of a program that traces batches of 20 events to the collector. */
export function tracedSettings(database: string, lake: string, collector: OtlpCollector) {
  return {
    ...streamingSettings(database),
    DESTINATION: `file://${lake}`,
    BATCH_SIZE: "20",
    BATCH_TIMEOUT: "1m",
    OTEL_DENO: "true",
    OTEL_DENO_CONSOLE: "ignore",
    OTEL_SERVICE_NAME: "orders-lake",
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  };
}

/** Asserts that a batch of so many events has come with all its stages, one within the other in time. */
export async function assertTracedBatch(
  collector: OtlpCollector,
  expected: { readonly stream: string; readonly events: number; readonly service: string },
): Promise<void> {
  const batch = await collector.span(
    "batch",
    ({ attributes }) => attributes["tributary.seq"] === 1,
  );
  assert.equal(batch.attributes["tributary.stream"], expected.stream);
  assert.equal(batch.attributes["tributary.events"], expected.events);
  assert.equal(batch.attributes["tributary.objects"], 1);
  assert.ok(batch.attributes["tributary.bytes"] as number > 0);
  assert.equal(batch.resource["service.name"], expected.service);
  assert.match(batch.traceId, /^[0-9a-f]{32}$/);
  assert.equal(batch.parentSpanId, "");
  assert.equal(batch.error, undefined);
  await collector.span("commit", ({ parentSpanId }) => parentSpanId === batch.spanId);
  const stages = childrenOf(collector.spans, batch);
  assert.deepEqual(stages.map(({ name }) => name), [
    "read",
    "encode",
    "append",
    "upload",
    "commit",
  ]);
  for (const { name, traceId, startMs, endMs } of stages) {
    assert.equal(traceId, batch.traceId);
    // Durations come from another clock than the moments: a few milliseconds may lie between them.
    assert.ok(
      startMs <= endMs + 5 && startMs >= batch.startMs - 5 && endMs <= batch.endMs + 5,
      name,
    );
  }
  const [read, encode, , upload] = stages;
  assert.equal(read!.attributes["tributary.events"], expected.events);
  assert.equal(encode!.attributes["tributary.events"], expected.events);
  assert.equal(upload!.events.length, 1);
  assert.match(String(upload!.events[0]!.attributes["tributary.object"]), /\.parquet$/);
}
