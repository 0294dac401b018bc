import assert from "node:assert/strict";
import { sleep, systemClock } from "../../src/support/clock.ts";
import { systemRandom } from "../../src/support/random.ts";
import { createRowCounter, downloadLake } from "../support/lake.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { type Program, startProgram } from "../support/program.ts";
import { ensureBucket } from "../support/s3_bucket.ts";
import { uniqueName } from "../support/services.ts";
import { assertExactlyOnce, totalOf, waitForRows } from "./judge.ts";
import { s3Settings, streamingSettings } from "./settings.ts";

const KILLS = 20;
const EVENTS = 50_000;
/** Long enough for some batches, short enough that most kills come in the middle of work. */
const KILL_MS_MAX = 800;
const COLLECTIONS = ["orders", "items", "customers", "payments", "visits"];

Deno.test("run killed at random moments 20 times writes each of 50,000 events once", async () => {
  const bucket = uniqueName("crash");
  await ensureBucket(bucket);
  await using writer = createMongoWriter(uniqueName("crash"));
  const folder = await Deno.makeTempDir();
  const env = {
    ...streamingSettings(writer.database),
    ...s3Settings(bucket, "lake"),
    MONGODB_COLLECTIONS: COLLECTIONS.join(","),
    BATCH_SIZE: "700",
    BATCH_TIMEOUT: "100ms",
    // As people run it: nobody waits for the lease of one that was killed here.
    LEASES: "auto",
  };
  try {
    await using first = startProgram(["run"], { env });
    await allOpened(first);
    const writing = writer.insert(COLLECTIONS, EVENTS / COLLECTIONS.length);
    await killAtRandom(first);
    for (let kill = 1; kill < KILLS; kill++) {
      await using next = startProgram(["run"], { env });
      await next.line(/Journal opened/);
      await killAtRandom(next);
    }
    await writing;
    await using last = startProgram(["run"], { env });
    await waitForRows(totalOf(writer.inserted), createRowCounter(bucket, "lake/"));
    last.kill("SIGTERM");
    assert.equal((await last.ended).code, 0);
    await downloadLake(bucket, "lake/", folder);
    await assertExactlyOnce(folder, writer.inserted);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function allOpened(program: Program): Promise<void> {
  const opened = (name: string) => program.line(new RegExp(`Change stream opened.*${name}`));
  await Promise.all(COLLECTIONS.map(opened));
}

/** The moment is random by design; a condition to wait for would be a place in the program. */
async function killAtRandom(program: Program): Promise<void> {
  await sleep(systemClock, systemRandom.fraction() * KILL_MS_MAX);
  program.kill("SIGKILL");
  await program.ended;
}
