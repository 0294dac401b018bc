import assert from "node:assert/strict";
import {
  defaultPipelineName,
  destinationUrl,
  directoryOf,
} from "../../../../src/config/resolve/destination_target.ts";
import { assertFault, configOf, faultsIn, faultsOf, load } from "../../../support/load_config.ts";

Deno.test("resolveDestination reads buckets, prefixes and directories", () => {
  for (
    const [url, expected] of [
      ["s3://lake", { scheme: "s3", bucket: "lake", prefix: "" }],
      ["s3://lake/", { scheme: "s3", bucket: "lake", prefix: "" }],
      ["s3://lake/a/b/", { scheme: "s3", bucket: "lake", prefix: "a/b" }],
      ["file:///data/lake/", { scheme: "file", directory: "/data/lake" }],
      ["file:///my%20lake", { scheme: "file", directory: "/my lake" }],
    ] as const
  ) {
    assert.deepEqual(configOf({ DESTINATION: url }).destination, expected);
  }
});

Deno.test("resolveDestination takes S3_BUCKET and S3_PREFIX in place of DESTINATION", () => {
  const config = configOf({ DESTINATION: "", S3_BUCKET: "lake", S3_PREFIX: "/a/b/" });
  assert.deepEqual(config.destination, { scheme: "s3", bucket: "lake", prefix: "a/b" });
  assert.equal(config.pipelineName, "lake/a/b");
});

Deno.test("resolveDestination refuses both ways, half a way and none", () => {
  assertFault(faultsOf({ S3_BUCKET: "lake" }), "S3_BUCKET", /DESTINATION is set as well/);
  assertFault(faultsOf({ S3_PREFIX: "a" }), "S3_PREFIX", /S3_BUCKET, which is not set/);
  const none = faultsIn(load({ env: { MONGODB_URI: "mongodb://h" } }));
  assertFault(none, "DESTINATION", /required/);
});

Deno.test("resolveDestination refuses prefixes and directories that readers could not open", () => {
  assertFault(faultsOf({ DESTINATION: "s3://lake/a:b" }), "DESTINATION", /`:`/);
  assertFault(faultsOf({ DESTINATION: "s3://lake/a//b" }), "DESTINATION", /empty folder/);
  assertFault(faultsOf({ DESTINATION: "s3://lake/a/../b" }), "DESTINATION", /`\.\.`/);
  assertFault(faultsOf({ DESTINATION: "file:///a%zz" }), "DESTINATION", /cannot be read/);
});

Deno.test("resolveJournal reads a place as DESTINATION does, and finds none where it is the same", () => {
  assert.equal(configOf({}).journal, undefined);
  assert.deepEqual(configOf({ JOURNAL: "s3://records/a/" }).journal, {
    scheme: "s3",
    bucket: "records",
    prefix: "a",
  });
  const directory = { scheme: "file", directory: "/my records" } as const;
  assert.deepEqual(configOf({ JOURNAL: "file:///my%20records/" }).journal, directory);
  const same = configOf({ DESTINATION: "s3://lake/raw", JOURNAL: "s3://lake/raw/" });
  assert.equal(same.journal, undefined);
  assertFault(faultsOf({ JOURNAL: "s3://records/a//b" }), "JOURNAL", /empty folder/);
  assertFault(faultsOf({ JOURNAL: "file:///a%zz" }), "JOURNAL", /cannot be read/);
});

Deno.test("resolveS3 says of the path style what is set", () => {
  const endpoint = { S3_ENDPOINT: "http://127.0.0.1:9000" };
  assert.deepEqual(configOf(endpoint).s3, { endpoint: endpoint.S3_ENDPOINT });
  assert.equal(configOf({ ...endpoint, S3_FORCE_PATH_STYLE: "false" }).s3.forcePathStyle, false);
});

Deno.test("resolveS3 passes on what is set, and only that", () => {
  const config = configOf({
    AWS_REGION: "eu-central-1",
    S3_SSE: "aws:kms",
    S3_KMS_KEY_ID: "alias/lake",
    S3_STORAGE_CLASS: "STANDARD_IA",
    S3_ACL: "private",
  });
  assert.deepEqual(config.s3, {
    region: "eu-central-1",
    encryption: "aws:kms",
    kmsKeyId: "alias/lake",
    storageClass: "STANDARD_IA",
    acl: "private",
  });
});

Deno.test("resolveS3 refuses a key without KMS", () => {
  assertFault(faultsOf({ S3_KMS_KEY_ID: "k" }), "S3_KMS_KEY_ID", /S3_SSE/);
  assertFault(faultsOf({ S3_KMS_KEY_ID: "k", S3_SSE: "AES256" }), "S3_KMS_KEY_ID", /S3_SSE/);
});

Deno.test("destinationUrl writes what people write", () => {
  assert.equal(destinationUrl({ scheme: "s3", bucket: "b", prefix: "" }), "s3://b");
  assert.equal(destinationUrl({ scheme: "s3", bucket: "b", prefix: "p" }), "s3://b/p");
  assert.equal(destinationUrl({ scheme: "file", directory: "/d" }), "file:///d");
});

Deno.test("defaultPipelineName differs for different destinations and has only allowed characters", () => {
  const names = [
    defaultPipelineName({ scheme: "s3", bucket: "a-b", prefix: "c" }),
    defaultPipelineName({ scheme: "s3", bucket: "a", prefix: "b-c" }),
    defaultPipelineName({ scheme: "s3", bucket: "a", prefix: "" }),
    defaultPipelineName({ scheme: "file", directory: "/a/b{c} ü" }),
  ];
  assert.deepEqual(names, ["a-b/c", "a/b-c", "a", "/a/b%7Bc%7D%20%C3%BC"]);
  for (const name of names) assert.match(name, /^[A-Za-z0-9._/%~-]{1,200}$/);
});

Deno.test("directoryOf keeps the root a root", () => {
  assert.equal(directoryOf("file:///"), "/");
  assert.equal(directoryOf("file:///a//"), "/a");
});
