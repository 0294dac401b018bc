import assert from "node:assert/strict";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { startOtlpCollector } from "../support/otlp_collector.ts";
import { uniqueName } from "../support/services.ts";
import { runUntilLine } from "../support/source_program.ts";
import { assertTracedBatch, tracedSettings } from "../support/traced_batch.ts";

Deno.test("a program run from source traces each batch through the runtime", async () => {
  await using writer = createMongoWriter(uniqueName("spans"));
  await using collector = startOtlpCollector();
  const lake = await Deno.makeTempDir();
  const env = tracedSettings(writer.database, lake, collector);
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
