import assert from "node:assert/strict";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { startOtlpCollector } from "../support/otlp_collector.ts";
import { startProgram } from "../support/program.ts";
import { uniqueName } from "../support/services.ts";
import { assertTracedBatch, tracedSettings } from "../support/traced_batch.ts";

Deno.test("the executable traces each batch to the collector that OTEL_* variables name", async () => {
  await using writer = createMongoWriter(uniqueName("traced"));
  await using collector = startOtlpCollector();
  const lake = await Deno.makeTempDir();
  const env = {
    ...tracedSettings(writer.database, lake, collector),
    OTEL_EXPORTER_OTLP_HEADERS: "x-team=lake%20people",
  };
  try {
    await using program = startProgram(["run"], { env });
    await program.line(/Tracing streams/);
    await program.line(/Change stream opened/);
    await writer.client.db(writer.database).collection("orders").insertMany(
      Array.from({ length: 20 }, (_, n) => ({ n })),
    );
    await program.line(/Batch stored/);
    // What is not sent yet is sent when it ends.
    program.kill("SIGTERM");
    assert.equal((await program.ended).code, 0);
    const stream = `database:${writer.database}`;
    await assertTracedBatch(collector, { stream, events: 20, service: "orders-lake" });
    assert.equal(collector.headers[0]!.get("x-team"), "lake people");
  } finally {
    await Deno.remove(lake, { recursive: true });
  }
});
