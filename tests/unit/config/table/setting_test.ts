import assert from "node:assert/strict";
import { flagName, yamlKey } from "../../../../src/config/table/setting.ts";

Deno.test("flagName is the name in kebab case", () => {
  assert.equal(flagName("BATCH_TIMEOUT"), "batch-timeout");
  assert.equal(flagName("FORMAT"), "format");
});

Deno.test("yamlKey is the name in camel case", () => {
  assert.equal(yamlKey("S3_KMS_KEY_ID"), "s3KmsKeyId");
  assert.equal(yamlKey("FORMAT"), "format");
});
