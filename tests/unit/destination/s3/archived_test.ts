import assert from "node:assert/strict";
import { mayBeArchived } from "../../../../src/destination/s3/archived.ts";
import { avroKey } from "../../../../src/table/iceberg/files.ts";
import { versionKey } from "../../../../src/table/iceberg/versions.ts";

Deno.test("objects may lie in an archive, and journals and logs of tables never", () => {
  const id = "00000000-0000-4000-8000-000000000000";
  const own = ["_tributary/streams/s/0.json", "a/_delta_log/_last_checkpoint"];
  const iceberg = [versionKey("a", 1), avroKey("a", 1n, id), avroKey("a", 1n, id, "m0")];
  for (const key of [...own, ...iceberg, "a/metadata/version-hint.text"]) {
    assert(!mayBeArchived(key), key);
  }
  for (const key of ["a/1.parquet", "shop/metadata/1.avro", "shop/metadata/1.jsonl"]) {
    assert(mayBeArchived(key), key);
  }
});
