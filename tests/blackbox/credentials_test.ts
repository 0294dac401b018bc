/** Keys of S3 that are replaced in a file while the program runs. */
import assert from "node:assert/strict";
import { createRowCounter, downloadLake } from "../support/lake.ts";
import { addMinioUser, type MinioUser, removeMinioUser } from "../support/minio_admin.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { startProgram } from "../support/program.ts";
import { ensureBucket } from "../support/s3_bucket.ts";
import { uniqueName } from "../support/services.ts";
import { assertExactlyOnce, totalOf, waitForRows } from "./judge.ts";
import { s3Settings, streamingSettings } from "./settings.ts";

function policyFor(bucket: string): unknown {
  const resources = [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`];
  return {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: ["s3:*"], Resource: resources }],
  };
}

function profileOf({ accessKeyId, secretAccessKey }: MinioUser): string {
  return `[lake]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
}

Deno.test("run goes on with the keys that a file holds now, also where they come late", async () => {
  const bucket = uniqueName("keys");
  await ensureBucket(bucket);
  await using writer = createMongoWriter(uniqueName("keys"));
  const folder = await Deno.makeTempDir();
  const file = `${folder}/credentials`;
  const names = [1, 2, 3].map((n) => `${bucket}-${n}`);
  const users = await Promise.all(names.map((name) => addMinioUser(name, policyFor(bucket))));
  const { AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, ...s3 } = s3Settings(bucket, "lake");
  const env = {
    ...streamingSettings(writer.database),
    ...s3,
    AWS_SHARED_CREDENTIALS_FILE: file,
    AWS_PROFILE: "lake",
    AWS_EC2_METADATA_DISABLED: "true",
    MAX_RETRIES: "1",
  };
  const count = createRowCounter(bucket, "lake/");
  try {
    await Deno.writeTextFile(file, profileOf(users[0]!));
    await using program = startProgram(["run"], { env });
    await program.line(/Change stream opened/);
    await writer.insert(["orders"], 100);
    await waitForRows(100, count);

    await Deno.writeTextFile(file, profileOf(users[1]!));
    await removeMinioUser(names[0]!);
    await writer.insert(["orders"], 100);
    await waitForRows(200, count);
    assert.ok(!program.stderr.some((line) => /Stream failed|refuses the credentials/.test(line)));

    await removeMinioUser(names[1]!);
    await writer.insert(["orders"], 100);
    const refused = await program.line(/The destination refuses the credentials/);
    assert.match(refused, /read again at each try/);
    await program.line(/Stream failed; it will be tried again/);
    await Deno.writeTextFile(file, profileOf(users[2]!));
    await program.line(/The destination accepts the credentials again/);
    await writer.insert(["orders"], 100);
    await waitForRows(totalOf(writer.inserted), count);

    program.kill("SIGTERM");
    assert.equal((await program.ended).code, 0);
    await downloadLake(bucket, "lake/", folder);
    await assertExactlyOnce(folder, writer.inserted);
  } finally {
    await removeMinioUser(names[2]!);
    await Deno.remove(folder, { recursive: true });
  }
});
