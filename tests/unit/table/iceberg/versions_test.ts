import assert from "node:assert/strict";
import { MemoryDestination } from "../../../../src/destination/memory_destination.ts";
import {
  isVersionKey,
  versionKey,
  versionsBegin,
  versionsOf,
} from "../../../../src/table/iceberg/versions.ts";

Deno.test("metadata is in the order of its numbers, whatever lies beside it", async () => {
  const destination = new MemoryDestination();
  const keys = [10, 9, 100, 1].map((version) => versionKey("f", version));
  for (const key of [...keys, "f/metadata/version-hint.text", "f/metadata/vx.metadata.json"]) {
    await destination.putIfAbsent(key, new Uint8Array());
  }
  assert.deepEqual(await versionsOf(destination, "f"), [1, 9, 10, 100]);
});

Deno.test("the hint alone is no metadata", () => {
  const [version, hint] = [versionKey("f", 1), `${versionsBegin("f")}ersion-hint.text`];
  assert.ok(version.startsWith(versionsBegin("f")) && version < hint);
  assert.deepEqual([version, hint].map(isVersionKey), [true, false]);
});
