import assert from "node:assert/strict";
import { KeptFormat } from "../../../../src/app/tables/kept_format.ts";
import { versionKey } from "../../../../src/table/iceberg/versions.ts";
import { LakeWorld } from "../../../support/lake_world.ts";
import { FOLDER, follower, write } from "../../../support/table_world.ts";

Deno.test("tables tell how far they have come, and what is wrong with one", async () => {
  const world = new LakeWorld();
  await write(world, 6);
  const kept = new KeptFormat("iceberg", follower(world, { format: "iceberg" }), "s3://lake");
  assert.deepEqual(kept.tables, []);
  const { signal } = new AbortController();
  assert.equal((await kept.turn(7000, signal)).isComplete, true);
  const fact = { name: "shop.orders", format: "iceberg", url: `s3://lake/${FOLDER}/`, version: 1 };
  assert.deepEqual(kept.tables, [{ ...fact, upToDateMs: 7000 }]);
  assert.equal(kept.faults().size, 0);
  await world.destination.replace(versionKey(FOLDER, 2), new TextEncoder().encode("{"));
  await write(world, 6);
  await kept.turn(8000, signal);
  const [[, fault] = []] = [...kept.faults()];
  assert.match(fault!, /its metadata 2 cannot be read/);
  // What it had before is its lag.
  await kept.turn(9000, signal);
  assert.deepEqual(kept.tables.map(({ upToDateMs }) => upToDateMs), [8000]);
});
