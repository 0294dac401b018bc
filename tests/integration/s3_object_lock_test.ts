/** A bucket with Object Lock, in which everything that is written is kept for a day. */
import assert from "node:assert/strict";
import {
  CreateBucketCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { MongoClient } from "mongodb";
import { openDestination } from "../../src/destination/destinations.ts";
import { DEFAULT_RETRY } from "../../src/destination/open_destination.ts";
import { checkDestination } from "../../src/destination/probe.ts";
import { createObjectJournal } from "../../src/journal/object_journal.ts";
import { writeTips } from "../../src/journal/tip_writer.ts";
import { crc32Hex } from "../../src/support/bytes/crc32.ts";
import { systemClock } from "../../src/support/clock.ts";
import { systemRandom } from "../../src/support/random.ts";
import { s3TestOptions } from "../support/s3_bucket.ts";
import {
  mongodbUri,
  s3Credentials,
  s3Endpoint,
  s3Region,
  uniqueName,
} from "../support/services.ts";
import { runFromSource, runUntilLine } from "../support/source_program.ts";
import { LakeWorld } from "../support/lake_world.ts";

/** A bucket that nothing can be deleted from before tomorrow. */
async function createLockedBucket(): Promise<string> {
  const bucket = uniqueName("locked");
  const client = new S3Client({
    endpoint: s3Endpoint(),
    region: s3Region(),
    credentials: s3Credentials(),
    forcePathStyle: true,
  });
  try {
    const create = { Bucket: bucket, ObjectLockEnabledForBucket: true };
    await client.send(new CreateBucketCommand(create));
    await client.send(
      new PutObjectLockConfigurationCommand({
        Bucket: bucket,
        ObjectLockConfiguration: {
          ObjectLockEnabled: "Enabled",
          Rule: { DefaultRetention: { Mode: "GOVERNANCE", Days: 1 } },
        },
      }),
    );
  } finally {
    client.destroy();
  }
  return bucket;
}

Deno.test("a bucket with Object Lock takes the probe, objects of all sizes and a journal, and tells their checksums", async () => {
  const bucket = await createLockedBucket();
  const options = { retry: { ...DEFAULT_RETRY, retriesMax: 1 }, s3: s3TestOptions() };
  const tools = { clock: systemClock, random: systemRandom };
  const destination = await openDestination(`s3://${bucket}/lake`, options, tools);
  try {
    for (let i = 0; i < 2; i++) {
      const findings = await checkDestination(destination, systemRandom);
      assert.deepEqual(findings.map(({ state }) => state), ["ok"]);
    }
    for (const size of [0, 1000, 66 * 1024 ** 2]) {
      const bytes = new Uint8Array(size).map((_, i) => (i * 31) & 0xff);
      const key = `a/${size}`;
      assert.equal(await destination.putIfAbsent(key, bytes), "created");
      assert.equal(await destination.putIfAbsent(key, bytes), "exists");
      assert.deepEqual(await destination.head(key), { bytes: size, crc32: crc32Hex(bytes) });
    }
    const world = new LakeWorld();
    world.insert(5);
    await world.instance().runToEnd();
    const journal = writeTips(createObjectJournal(destination), destination, () => {});
    for (const record of await world.records()) {
      assert.equal(await journal.append("s", record), "appended");
      assert.equal(await journal.append("s", record), "exists");
    }
    const key = "_tributary/streams/s/0000000000000000.json";
    const first = await destination.get(key);
    assert.equal((await destination.head(key))?.crc32, crc32Hex(first!));
  } finally {
    await destination.close();
  }
});

Deno.test("check, run and verify work on a bucket with Object Lock", async () => {
  const bucket = await createLockedBucket();
  await using client = new MongoClient(mongodbUri());
  const database = client.db(uniqueName("locked"));
  const { accessKeyId, secretAccessKey } = s3Credentials();
  const env = {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: s3Region(),
    S3_ENDPOINT: s3Endpoint(),
    DESTINATION: `s3://${bucket}/lake`,
    MONGODB_URI: mongodbUri(),
    MONGODB_DATABASE: database.databaseName,
    HTTP_ADDRESS: "none",
    BATCH_TIMEOUT: "100ms",
  };
  try {
    const checked = await runFromSource(["check"], env);
    assert.equal(checked.code, 0, checked.stdout + checked.stderr);
    const lines = await runUntilLine(/"Batch stored"/, env, async (line) => {
      if (line.includes('"Change stream opened"')) {
        await database.collection("orders").insertMany([{ n: 1 }, { n: 2 }]);
      }
    });
    assert.ok(!lines.some((line) => line.includes("checksums")), "none was left out");
    const verified = await runFromSource(["verify"], env);
    assert.match(verified.stdout, /The lake is whole/, verified.stdout + verified.stderr);
  } finally {
    await database.dropDatabase();
  }
});
