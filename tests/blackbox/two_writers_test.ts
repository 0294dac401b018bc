import assert from "node:assert/strict";
import { sleep, systemClock } from "../../src/support/clock.ts";
import { createRowCounter, downloadLake } from "../support/lake.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { startProgram } from "../support/program.ts";
import { ensureBucket } from "../support/s3_bucket.ts";
import { uniqueName } from "../support/services.ts";
import { assertExactlyOnce, totalOf, waitForRows } from "./judge.ts";
import { s3Settings, streamingSettings } from "./settings.ts";

const BOTH_RUN_MS = 30_000;

Deno.test("two writers without any lock on one stream write each event once", async () => {
  const bucket = uniqueName("two");
  await ensureBucket(bucket);
  await using writer = createMongoWriter(uniqueName("two"));
  const folder = await Deno.makeTempDir();
  const env = {
    ...streamingSettings(writer.database),
    ...s3Settings(bucket, "lake"),
    DISTRIBUTED_LOCK_ENABLED: "false",
    STATE_STORE: "memory",
  };
  try {
    await using one = startProgram(["run"], { env });
    await one.line(/Change stream opened/);
    await using two = startProgram(["run"], { env });
    await two.line(/Change stream opened/);
    const endMs = systemClock.monotonicMs() + BOTH_RUN_MS;
    while (systemClock.monotonicMs() < endMs) {
      await writer.insert(["orders", "items"], 250);
      await sleep(systemClock, 50); // A steady load, not a wait for anything.
    }
    await waitForRows(totalOf(writer.inserted), createRowCounter(bucket, "lake/"));
    const fenced = [...one.stderr, ...two.stderr].filter((l) =>
      /Another writer has the stream/.test(l)
    );
    assert.ok(fenced.length > 0, "the two never met");
    for (const program of [one, two]) {
      program.kill("SIGTERM");
      assert.equal((await program.ended).code, 0);
    }
    await downloadLake(bucket, "lake/", folder);
    await assertExactlyOnce(folder, writer.inserted);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
