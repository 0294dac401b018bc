import assert from "node:assert/strict";
import { objectSettings } from "../../../../src/destination/s3/s3_object_settings.ts";

Deno.test("objectSettings says what the settings say, and nothing else", () => {
  assert.deepEqual(objectSettings({}, "a.parquet", undefined), {});
  const s3 = { encryption: "aws:kms", kmsKeyId: "key", acl: "private" } as const;
  assert.deepEqual(objectSettings(s3, "a.parquet", { contentType: "text/csv" }), {
    ...{ ContentType: "text/csv", ServerSideEncryption: "aws:kms" },
    ...{ SSEKMSKeyId: "key", ACL: "private" },
  });
});

Deno.test("objectSettings puts data into the storage class, and neither journals nor logs of tables", () => {
  const classOf = (key: string) =>
    objectSettings({ storageClass: "GLACIER_IR" }, key, undefined).StorageClass;
  assert.equal(classOf("db=shop/coll=orders/a.parquet"), "GLACIER_IR");
  assert.equal(classOf("db=shop/coll=orders/_compact/a.pq"), "GLACIER_IR");
  assert.equal(classOf("_tributary/streams/x/0.json"), undefined);
  assert.equal(classOf("db=shop/coll=orders/_delta_log/0.json"), undefined);
});
