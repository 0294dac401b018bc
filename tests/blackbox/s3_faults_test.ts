import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { FaultProxy } from "../support/fault_proxy.ts";
import { createRowCounter, downloadLake } from "../support/lake.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { startProgram } from "../support/program.ts";
import { ensureBucket } from "../support/s3_bucket.ts";
import { s3Endpoint, uniqueName } from "../support/services.ts";
import { assertExactlyOnce, totalOf, waitForRows } from "./judge.ts";
import { s3Settings, streamingSettings } from "./settings.ts";

const COLLECTIONS = ["orders", "items", "customers"];

Deno.test("run writes each event once while S3 answers 503 and drops connections", async () => {
  const bucket = uniqueName("faults");
  await ensureBucket(bucket);
  await using writer = createMongoWriter(uniqueName("faults"));
  const { hostname, port } = new URL(s3Endpoint());
  await using proxy = new FaultProxy({ target: { hostname, port: Number(port) }, seed: 7 });
  const folder = await Deno.makeTempDir();
  const env = {
    ...streamingSettings(writer.database),
    ...s3Settings(bucket, "lake", proxy.url),
    BATCH_SIZE: "500",
    MAX_RETRIES: "2",
  };
  const count = createRowCounter(bucket, "lake/");
  try {
    await using program = startProgram(["run"], { env });
    await program.line(/Change stream opened/);
    await writer.insert(COLLECTIONS, 500);
    proxy.setMode({ kind: "slow-down", share: 0.4 });
    await writer.insert(COLLECTIONS, 2000);
    await waitForRows(totalOf(writer.inserted) / 2, count);
    for (const direction of ["request", "response"] as const) {
      const before = proxy.counts.cuts;
      proxy.setMode({ kind: "cut", direction, afterBytes: direction === "request" ? 9000 : 300 });
      await writer.insert(COLLECTIONS, 2000);
      // A stream may have failed before, when the store only slowed down.
      await eventually(() => proxy.counts.cuts > before);
      await program.line(/Stream failed/);
    }
    proxy.setMode({ kind: "refuse" });
    await writer.insert(COLLECTIONS, 500);
    proxy.setMode({ kind: "pass" });
    await writer.insert(COLLECTIONS, 500);
    await waitForRows(totalOf(writer.inserted), count);
    program.kill("SIGTERM");
    assert.equal((await program.ended).code, 0);
    assert.ok(proxy.counts.slowDowns > 0 && proxy.counts.cuts > 0, "the faults took place");
    await downloadLake(bucket, "lake/", folder);
    await assertExactlyOnce(folder, writer.inserted);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
