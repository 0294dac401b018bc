import assert from "node:assert/strict";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { runProgram } from "../support/program.ts";
import { ensureBucket } from "../support/s3_bucket.ts";
import { redisUrl, uniqueName } from "../support/services.ts";
import { s3Settings, sourceSettings } from "./settings.ts";

Deno.test("check finds MongoDB, S3 and Redis fit for a run", async () => {
  const bucket = uniqueName("check");
  await ensureBucket(bucket);
  await using writer = createMongoWriter(uniqueName("check"));
  const env = {
    ...sourceSettings(writer.database),
    ...s3Settings(bucket, "lake"),
    LEASES: "auto",
    REDIS_URL: redisUrl(),
  };
  const { code, stdout, stderr } = await runProgram(["check"], { env });
  // Nothing but findings: no warning of a library either.
  assert.deepEqual([code, stderr], [0, ""], stdout);
  assert.match(stdout, /^ok +MongoDB +version \d/m);
  assert.match(stdout, new RegExp(`^ok +Change streams +database:${writer.database} can be`, "m"));
  assert.match(
    stdout,
    new RegExp(`^ok +Reading +database ${writer.database}: 1 change stream$`, "m"),
  );
  assert.match(stdout, /^(ok|warning) +Oplog +it reaches back/m);
  assert.match(stdout, /^ok +Destination +s3:/m);
  assert.match(stdout, /^ok +Redis +redis:/m);
  assert.match(stdout, /^Ready to stream into s3:.*: tributary run$/m);
});

Deno.test("check names collections without the images that the settings ask for", async () => {
  await using writer = createMongoWriter(uniqueName("check"));
  await writer.insert(["orders"], 1);
  const folder = await Deno.makeTempDir();
  try {
    const env = {
      ...sourceSettings(writer.database),
      DESTINATION: `file://${folder}`,
      FULL_DOCUMENT: "required",
    };
    const { code, stdout } = await runProgram(["check", "--json"], { env });
    assert.equal(code, 0);
    const images = JSON.parse(stdout).checks.find((c: { subject: string }) =>
      c.subject === "Images"
    );
    assert.equal(images.state, "warning");
    assert(images.text.startsWith(`${writer.database}.orders keep no images`), images.text);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("check refuses a name of which MongoDB would tell nothing, alone and among others", async () => {
  await using writer = createMongoWriter(uniqueName("check"));
  await writer.insert(["a{2}", "orders"], 1);
  const folder = await Deno.makeTempDir();
  try {
    for (const collections of ["a{2}", "a{2},orders"]) {
      const env = {
        ...sourceSettings(writer.database),
        DESTINATION: `file://${folder}`,
        MONGODB_COLLECTIONS: collections,
      };
      const { code, stdout } = await runProgram(["check"], { env });
      assert.notEqual(code, 0);
      assert.match(stdout, /^failed +Change streams +.*a\{2\}.*WATCH_LEVEL=database$/m);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
