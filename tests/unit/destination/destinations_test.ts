import assert from "node:assert/strict";
import { openDestination } from "../../../src/destination/destinations.ts";
import { PermanentError } from "../../../src/model/errors.ts";
import { standInOptions, standInTools } from "./open_stand_in.ts";

const OPTIONS = standInOptions("http://127.0.0.1:1");

Deno.test("openDestination opens each kind by its scheme and names it by its URL", async () => {
  for (const url of ["s3://lake/p", "file:///tmp/lake", "memory:", "null:"]) {
    const destination = await openDestination(url, OPTIONS, standInTools());
    assert.equal(destination.url, url);
    await destination.close();
  }
});

Deno.test("openDestination refuses other URLs and says what it takes", async () => {
  for (const url of ["", "lake", "/lake", "gs://lake", "constructor:x", "file://host/lake"]) {
    await assert.rejects(openDestination(url, OPTIONS, standInTools()), (error) => {
      return error instanceof PermanentError && /it must be /.test(error.message);
    });
  }
});
