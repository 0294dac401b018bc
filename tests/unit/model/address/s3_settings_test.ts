import assert from "node:assert/strict";
import { usesPathStyle } from "../../../../src/model/address/s3_settings.ts";

Deno.test("usesPathStyle follows the endpoint unless somebody has said", () => {
  const endpoint = "http://minio:9000";
  assert.equal(usesPathStyle({}), false);
  assert.equal(usesPathStyle({ endpoint }), true);
  assert.equal(usesPathStyle({ endpoint, forcePathStyle: false }), false);
  assert.equal(usesPathStyle({ forcePathStyle: true }), true);
});
