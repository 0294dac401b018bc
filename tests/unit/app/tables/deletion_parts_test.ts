import assert from "node:assert/strict";
import { FOLDER } from "../../../support/table_world.ts";
import { joinedWorld, partsOf, RETENTION_MS } from "../../table/retention/joined_world.ts";

Deno.test("deletionParts finds a lake's tables and records, and compares what was joined", async () => {
  const world = await joinedWorld();
  const { records, tablesIn, retentionMs } = partsOf(world);
  assert.equal(retentionMs, RETENTION_MS);
  assert.equal((await tablesIn(FOLDER)).length, 1);
  assert.equal((await records.list("_tributary/compactions/", { limit: 10 })).length, 1);
});
