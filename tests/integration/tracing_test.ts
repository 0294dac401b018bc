import assert from "node:assert/strict";
import { sourceSettings } from "../blackbox/settings.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { startOtlpCollector } from "../support/otlp_collector.ts";
import { uniqueName } from "../support/services.ts";
import { runUntilLine } from "../support/source_program.ts";
import { assertTracedBatch } from "../support/traced_batch.ts";

Deno.test("a program run from source traces each batch through the runtime", async () => {
  await using writer = createMongoWriter(uniqueName("spans"));
  await using collector = startOtlpCollector();
  const lake = await Deno.makeTempDir();
  const env = {
    ...sourceSettings(writer.database),
    DESTINATION: `file://${lake}`,
    BATCH_SIZE: "20",
    BATCH_TIMEOUT: "1m",
    OTEL_DENO: "true",
    OTEL_DENO_CONSOLE: "ignore",
    OTEL_SERVICE_NAME: "orders-lake",
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  };
  try {
    const lines = await runUntilLine(/Batch stored/, env, async (line) => {
      if (!line.includes("Change stream opened")) return;
      const orders = writer.client.db(writer.database).collection("orders");
      await orders.insertMany(Array.from({ length: 20 }, (_, n) => ({ n })));
    });
    assert.ok(lines.some((line) => /Tracing streams.*the runtime/.test(line)), lines.join("\n"));
    const stream = `database:${writer.database}`;
    await assertTracedBatch(collector, { stream, events: 20, service: "orders-lake" });
  } finally {
    await Deno.remove(lake, { recursive: true });
  }
});
