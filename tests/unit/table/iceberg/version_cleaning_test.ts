import assert from "node:assert/strict";
import { MemoryDestination } from "../../../../src/destination/memory_destination.ts";
import { cleanVersions } from "../../../../src/table/iceberg/version_cleaning.ts";
import { versionKey, versionsOf } from "../../../../src/table/iceberg/versions.ts";
import { icebergStore } from "../../../support/iceberg_world.ts";

const DAY_MS = 24 * 3_600_000;

Deno.test("metadata before the newest that is a week old goes, and that one stays", async () => {
  const destination = new MemoryDestination();
  const store = icebergStore(destination);
  for (let day = 1; day <= 20; day++) {
    const text = `{"last-updated-ms":${day * DAY_MS}}`;
    await destination.putIfAbsent(versionKey("f", day), new TextEncoder().encode(text));
  }
  for (const [day, first] of [[7, 1], [8, 1], [9, 2], [20, 13], [90, 20]] as const) {
    await cleanVersions(store, "f", day * DAY_MS + 1);
    assert.equal((await versionsOf(store, "f"))[0], first, `day ${day}`);
  }
});
