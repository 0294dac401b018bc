import assert from "node:assert/strict";
import { createS3Client } from "../../../../src/destination/s3/s3_client.ts";
import { PermanentError } from "../../../../src/model/errors.ts";

/** Nothing is sent. */
const HTTP = { handle: () => Promise.reject(new Error("nothing is sent")) };

Deno.test("createS3Client makes one try, without the SDK's own checksums", async () => {
  const client = createS3Client({ region: "eu-west-1" }, HTTP);
  try {
    assert.equal(await client.config.maxAttempts(), 1);
    assert.equal(await client.config.requestChecksumCalculation(), "WHEN_REQUIRED");
    assert.equal(await client.config.responseChecksumValidation(), "WHEN_REQUIRED");
    assert.equal(await client.config.region(), "eu-west-1");
    assert.equal(client.config.forcePathStyle, false);
  } finally {
    client.destroy();
  }
});

Deno.test("createS3Client speaks path style and needs no region where an endpoint is named", async () => {
  const client = createS3Client({ endpoint: "http://127.0.0.1:1" }, HTTP);
  const virtual = createS3Client({ endpoint: "http://127.0.0.1:1", forcePathStyle: false }, HTTP);
  try {
    assert.equal(await client.config.region(), "us-east-1");
    assert.equal(client.config.forcePathStyle, true);
    assert.equal(virtual.config.forcePathStyle, false);
  } finally {
    client.destroy();
    virtual.destroy();
  }
});

Deno.test("createS3Client refuses an endpoint that is no URL", () => {
  for (const endpoint of ["", "s3.example.org", "localhost:9000", "ftp://s3.example.org"]) {
    assert.throws(() => createS3Client({ endpoint }, HTTP), PermanentError);
  }
});
