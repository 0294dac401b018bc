import assert from "node:assert/strict";
import { PermanentError } from "../../../../src/model/errors.ts";
import { s3Place } from "../../../../src/destination/s3/s3_place.ts";

Deno.test("s3Place reads a bucket and a prefix without slashes around it", () => {
  assert.deepEqual(s3Place("s3://lake"), { bucket: "lake", prefix: "" });
  assert.deepEqual(s3Place("s3://lake/"), { bucket: "lake", prefix: "" });
  assert.deepEqual(s3Place("s3://my.lake/a/b//"), { bucket: "my.lake", prefix: "a/b" });
});

Deno.test("s3Place refuses what is no address, and a prefix in which no object can lie", () => {
  for (const url of ["s3:lake", "s3://", "s3:///a", "s3://la ke/a"]) {
    assert.throws(() => s3Place(url), /it must be s3:\/\/bucket or s3:\/\/bucket\/prefix/);
  }
  assert.throws(() => s3Place("s3://lake/a/../b"), (error: Error) => {
    assert(error instanceof PermanentError);
    return /its prefix .*; correct DESTINATION/.test(error.message);
  });
});
