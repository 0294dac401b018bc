import assert from "node:assert/strict";
import { DeleteObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { createRowCounter } from "../support/lake.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { ensureBucket, s3TestOptions } from "../support/s3_bucket.ts";
import { uniqueName } from "../support/services.ts";
import { totalOf, waitForRows } from "./judge.ts";
import { s3Settings, streamingSettings } from "./settings.ts";

Deno.test("verify finds a lake on S3 whole, and names an object that was deleted", async () => {
  const bucket = uniqueName("verify");
  await ensureBucket(bucket);
  await using writer = createMongoWriter(uniqueName("verify"));
  const lake = s3Settings(bucket, "lake");
  const env = {
    ...streamingSettings(writer.database),
    ...lake,
    MONGODB_COLLECTIONS: "orders,items",
  };
  await using program = startProgram(["run"], { env });
  await Promise.all(
    ["orders", "items"].map((name) => program.line(new RegExp(`Change stream opened.*${name}`))),
  );
  await writer.insert(["orders", "items"], 300);
  await waitForRows(totalOf(writer.inserted), createRowCounter(bucket, "lake/"));
  program.kill("SIGTERM");
  assert.equal((await program.ended).code, 0);

  const whole = await runProgram(["verify"], { env: lake });
  assert.deepEqual([whole.code, whole.stderr], [0, ""], whole.stdout);
  assert.match(whole.stdout, /^The lake is whole: 2 streams, \d+ objects, 600 rows\.$/m);

  const name = `collection:${writer.database}.orders`;
  const key = await anObjectOf(env, `db=${writer.database}/coll=orders/`);
  const client = new S3Client(s3TestOptions());
  await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: `lake/${key}` }));
  client.destroy();
  const holed = await runProgram(["verify"], { env: lake });
  assert.equal(holed.code, 1);
  assert(holed.stdout.includes(`: ${key}: the object is missing`), holed.stdout);
  assert.match(holed.stdout, /^The lake has 1 hole: /m);
  const other = await runProgram(["verify", "--stream", `${writer.database}.items`], { env: lake });
  assert.equal(other.code, 0);
  assert(!other.stdout.includes(name));
});

Deno.test("verify says that nothing lies below a wrong prefix", async () => {
  const bucket = uniqueName("verify");
  await ensureBucket(bucket);
  const { code, stderr } = await runProgram(["verify"], { env: s3Settings(bucket, "wrong") });
  assert.equal(code, 1);
  assert.match(stderr, /There is no journal below s3:\/\/.*\/wrong\/_tributary\//);
});

/** The key of some object below a folder, relative to the lake's prefix. */
async function anObjectOf(env: Record<string, string>, folder: string): Promise<string> {
  const client = new S3Client(s3TestOptions());
  const [bucket] = env["DESTINATION"]!.slice("s3://".length).split("/");
  const page = await client.send(
    new ListObjectsV2Command({ Bucket: bucket!, Prefix: `lake/${folder}`, MaxKeys: 1 }),
  );
  client.destroy();
  return page.Contents![0]!.Key!.slice("lake/".length);
}
