import assert from "node:assert/strict";
import { startMongod } from "../../scripts/services/mongod.ts";
import { downloadLake } from "../support/lake.ts";
import { runProgram } from "../support/program.ts";
import { ensureBucket } from "../support/s3_bucket.ts";
import { s3Endpoint, uniqueName } from "../support/services.ts";
import { s3Refusal, s3Xml, StandInS3 } from "../support/stand_in_s3.ts";
import { s3Settings, sourceSettings } from "./settings.ts";

/** Passwords and tokens that must not show anywhere. */
const SECRETS = ["hunter2-and-more", "token-swordfish", "redis-sesame"];

/** Nobody listens on this port of loopback. */
const NOWHERE = "127.0.0.1:9";

/** Runs a verb that must fail before anything is read, and gives the one sentence that says why. */
async function refusal(env: Record<string, string>, verb = "run"): Promise<string> {
  const { code, stdout, stderr } = await runProgram([verb], { env });
  assert.equal(code, 3, stdout + stderr);
  for (const secret of SECRETS) assert(!(stdout + stderr).includes(secret), stdout + stderr);
  return verb === "run" ? errorOf(stderr) : stdout;
}

/** The error of the log's last line. */
function errorOf(stderr: string): string {
  const { level, error } = JSON.parse(stderr.trimEnd().split("\n").at(-1)!);
  assert.equal(level, "error");
  return error;
}

Deno.test("all wrong settings are listed at once, with what is allowed and without secrets", async () => {
  const { code, stdout, stderr } = await runProgram(["run", "--batch-timeout", "30"], {
    env: {
      MONGODB_URI: `http://ann:${SECRETS[0]}@db/`,
      DESTINATION: "ftp://lake",
      FORMAT: "papyrus",
      BATCH_SIZE: "-1",
      HTTP_TOKEN: "short",
    },
  });
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(stderr, /^6 faults in the configuration:/);
  for (
    const part of [
      /MONGODB_URI = "http:\/\/\*\*\*@db\/"/,
      /DESTINATION = "ftp:\/\/lake".*\n.*s3:\/\/bucket\/prefix or file:\/\/\/directory/,
      /FORMAT = "papyrus" {2}\(environment FORMAT\)\n.*parquet, jsonl, csv, avro/,
      /BATCH_SIZE = "-1"/,
      /BATCH_TIMEOUT = "30" {2}\(flag --batch-timeout\)\n.*\n.*30s or 30ms/,
      /HTTP_TOKEN = "\*\*\*"/,
    ]
  ) assert.match(stderr, part);
  assert.doesNotMatch(stderr, /hunter2|short"/);
});

Deno.test("hosts that nobody listens on are named, by run and by check", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const lake = { DESTINATION: `file://${folder}/lake` };
    const uri = `mongodb://ann:${SECRETS[0]}@${NOWHERE}/?serverSelectionTimeoutMS=2000`;
    const secret = { HTTP_TOKEN: SECRETS[1]!, LOG_LEVEL: "debug", HTTP_ADDRESS: "none" };
    assert.match(
      await refusal({ ...lake, ...secret, MONGODB_URI: uri }),
      /127\.0\.0\.1:9 \(.*REFUSED/,
    );
    const redis = { REDIS_URL: `redis://:${SECRETS[2]}@${NOWHERE}`, STATE_STORE: "memory" };
    const table = await refusal({ ...lake, ...secret, ...redis, MONGODB_URI: uri }, "check");
    assert.match(table, /^failed +MongoDB +.*127\.0\.0\.1:9/m);
    assert.match(table, /^failed +Redis +.*127\.0\.0\.1:9/m);
    assert.match(table, /^ok +Destination/m);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a mongod that is no replica set is refused with what to do", async () => {
  await using server = await startMongod({ replicaSet: false, cacheGigabytes: 0.25 });
  const folder = await Deno.makeTempDir();
  try {
    const env = { MONGODB_URI: server.url, DESTINATION: `file://${folder}`, HTTP_ADDRESS: "none" };
    const sentence = /change streams need a replica set.*`--replSet rs0`.*`rs\.initiate\(\)`/;
    assert.match(await refusal(env), sentence);
    assert.match(await refusal(env, "check"), sentence);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a wrong bucket, wrong credentials and an unreachable S3 server are named", async () => {
  const source = sourceSettings(uniqueName("bad"));
  const bucket = uniqueName("bad");
  assert.match(
    await refusal({ ...source, ...s3Settings(bucket, "lake") }),
    new RegExp(`there is no bucket "${bucket}".*create it, or correct DESTINATION`),
  );
  await ensureBucket(bucket);
  const keys = { AWS_ACCESS_KEY_ID: "nobody", AWS_SECRET_ACCESS_KEY: SECRETS[0]! };
  assert.match(
    await refusal({ ...source, ...s3Settings(bucket, "lake"), ...keys }),
    /does not know the access key; check AWS_ACCESS_KEY_ID/,
  );
  const wrongKey = { AWS_SECRET_ACCESS_KEY: SECRETS[0]! };
  assert.match(
    await refusal({ ...source, ...s3Settings(bucket, "lake"), ...wrongKey }),
    /AWS_SECRET_ACCESS_KEY/,
  );
  assert.match(
    await refusal({ ...source, ...s3Settings(bucket, "lake", `http://${NOWHERE}`) }),
    /127\.0\.0\.1:9/,
  );
});

Deno.test("a server that ignores If-None-Match is refused", async () => {
  const objects = new Map<string, Uint8Array<ArrayBuffer>>();
  await using server = new StandInS3(({ method, path, body, query }) => {
    if (query.has("list-type")) return s3Xml("<ListBucketResult></ListBucketResult>");
    if (method === "PUT") {
      objects.set(path, new Uint8Array(body));
      return new Response(null, { headers: { etag: '"1"' } });
    }
    const bytes = objects.get(path);
    if (bytes === undefined) return s3Refusal(404, "NoSuchKey");
    return new Response(method === "HEAD" ? null : bytes, {
      headers: { "content-length": String(bytes.length) },
    });
  });
  const env = { ...sourceSettings(uniqueName("bad")), ...s3Settings("lake", "x", server.url) };
  assert.match(
    await refusal(env),
    /it replaces objects that are there \(it ignores If-None-Match\); use a store with conditional/,
  );
});

Deno.test("a prefix or a template that leaves no room for keys is refused before anything is written", async () => {
  const bucket = uniqueName("bad");
  await ensureBucket(bucket);
  const source = sourceSettings(uniqueName("bad"));
  const long = "prefix-9/".repeat(105) + "x";
  const { MONGODB_DATABASE: _, ...deployment } = source;
  for (const watch of [source, { ...deployment, WATCH_LEVEL: "deployment" }]) {
    const env = { ...watch, ...s3Settings(bucket, long) };
    for (const verb of ["run", "check"]) {
      assert.match(
        await refusal(env, verb),
        /bytes with the prefix, and S3 takes 1024.*DESTINATION/,
      );
    }
  }
  const KEY_TEMPLATE = "folder-9/".repeat(110) + "{coll}";
  const env = { ...source, ...s3Settings(bucket, "lake"), KEY_TEMPLATE };
  assert.match(await refusal(env), /1024; .*KEY_TEMPLATE/);
  const folder = await Deno.makeTempDir();
  try {
    await downloadLake(bucket, "", folder);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("nothing that a run logs holds a secret, at the finest level", async () => {
  const bucket = uniqueName("secrets");
  const { AWS_SECRET_ACCESS_KEY: _, ...settings } = s3Settings(bucket, "lake");
  const env = {
    ...sourceSettings(uniqueName("secrets")),
    ...settings,
    AWS_SECRET_ACCESS_KEY: SECRETS[0]!,
    HTTP_TOKEN: SECRETS[1]!,
    LOG_LEVEL: "debug",
    S3_ENDPOINT: s3Endpoint(),
  };
  await refusal(env);
  await refusal(env, "check");
});
