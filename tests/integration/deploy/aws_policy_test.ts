import assert from "node:assert/strict";
import { MongoClient } from "mongodb";
import { addMinioUser, removeMinioUser } from "../../support/minio_admin.ts";
import { ensureBucket, s3TestOptions } from "../../support/s3_bucket.ts";
import { mongodbUri, s3Endpoint, s3Region, uniqueName } from "../../support/services.ts";
import { runFromSource, runUntilLine } from "../../support/source_program.ts";
import { openDestination } from "../../../src/destination/destinations.ts";
import { DEFAULT_RETRY } from "../../../src/destination/open_destination.ts";
import { systemClock } from "../../../src/support/clock.ts";
import { systemRandom } from "../../../src/support/random.ts";

const BUCKET = "deploy-policy";
const POLICY = new URL("../../../deploy/aws/policy.json", import.meta.url);

/** The policy of deploy/aws for another bucket and prefix than those of the example. */
function policyFor(prefix: string): unknown {
  const text = Deno.readTextFileSync(POLICY)
    .replaceAll("arn:aws:s3:::lake", `arn:aws:s3:::${BUCKET}`).replaceAll("shop/*", `${prefix}/*`);
  assert(text.includes(`${BUCKET}/${prefix}/*`), "the example is not about lake/shop any more");
  return JSON.parse(text);
}

interface Restricted extends AsyncDisposable {
  readonly prefix: string;
  readonly env: Readonly<Record<string, string>>;
  readonly options: ReturnType<typeof s3TestOptions>;
}

/** A user of the S3 server with the policy of deploy/aws and no other right. */
async function restrictedUser(): Promise<Restricted> {
  await ensureBucket(BUCKET);
  const prefix = uniqueName("deploy");
  const credentials = await addMinioUser(prefix, policyFor(prefix));
  return {
    prefix,
    env: {
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_REGION: s3Region(),
      S3_ENDPOINT: s3Endpoint(),
      DESTINATION: `s3://${BUCKET}/${prefix}`,
    },
    options: { ...s3TestOptions(), credentials },
    [Symbol.asyncDispose]: () => removeMinioUser(prefix),
  };
}

async function open(user: Restricted, prefix: string) {
  return await openDestination(`s3://${BUCKET}/${prefix}`, {
    retry: { ...DEFAULT_RETRY, retriesMax: 1 },
    connectionsMax: 8,
    s3: user.options,
  }, { clock: systemClock, random: systemRandom, signal: new AbortController().signal });
}

Deno.test("deploy/aws/policy.json allows every request of the S3 destination, also multipart uploads", async () => {
  await using user = await restrictedUser();
  const destination = await open(user, user.prefix);
  const large = new Uint8Array(65 * 1024 * 1024);
  try {
    assert.equal(await destination.get("a/none"), undefined);
    assert.equal(await destination.head("a/none"), undefined);
    assert.equal(await destination.putIfAbsent("a/small", Uint8Array.of(1)), "created");
    assert.equal(await destination.putIfAbsent("a/small", Uint8Array.of(2)), "exists");
    assert.equal(await destination.putIfAbsent("a/large", large), "created");
    assert.equal(await destination.putIfAbsent("a/large", large), "exists");
    assert.equal((await destination.head("a/large"))?.bytes, large.length);
    assert.deepEqual(await destination.get("a/small"), Uint8Array.of(1));
    assert.deepEqual(await destination.list("a/", { limit: 10 }), ["a/large", "a/small"]);
    assert.deepEqual(await destination.listFolders(""), ["a"]);
  } finally {
    await destination.close();
  }
});

Deno.test("deploy/aws/policy.json allows nothing outside the prefix", async () => {
  await using user = await restrictedUser();
  const destination = await open(user, `${user.prefix}-other`);
  try {
    await assert.rejects(destination.putIfAbsent("a/small", Uint8Array.of(1)), /refused/);
    await assert.rejects(destination.get("a/small"), /refused/);
    await assert.rejects(destination.list("a/", { limit: 10 }), /refused/);
  } finally {
    await destination.close();
  }
});

Deno.test("deploy/aws/policy.json is all that check, run and verify need", async () => {
  await using user = await restrictedUser();
  await using client = new MongoClient(mongodbUri());
  const database = client.db(uniqueName("deploy"));
  const env = {
    ...user.env,
    MONGODB_URI: mongodbUri(),
    MONGODB_DATABASE: database.databaseName,
    HTTP_ADDRESS: "none",
    BATCH_TIMEOUT: "100ms",
  };
  try {
    const checked = await runFromSource(["check"], env);
    assert.equal(checked.code, 0, checked.stdout + checked.stderr);
    await runUntilLine(/"Batch stored"/, env, async (line) => {
      if (line.includes('"Change stream opened"')) {
        await database.collection("orders").insertMany([{ n: 1 }, { n: 2 }]);
      }
    });
    const verified = await runFromSource(["verify"], env);
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
    assert.match(verified.stdout, /The lake is whole: 1 stream, \d+ objects?, 2 rows/);
  } finally {
    await database.dropDatabase();
  }
});
