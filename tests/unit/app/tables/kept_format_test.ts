import assert from "node:assert/strict";
import { KeptFormat } from "../../../../src/app/tables/kept_format.ts";
import { versionKey } from "../../../../src/table/iceberg/versions.ts";
import { TransientError } from "../../../../src/model/errors.ts";
import { LakeWorld } from "../../../support/lake_world.ts";
import { Outside } from "../../../support/outside.ts";
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
  assert.deepEqual(kept.tables.map(({ upToDateMs }) => upToDateMs), [7000]);
});

Deno.test("while one table is not answered, its lag alone grows, and the commits of the others count", async () => {
  const world = new LakeWorld();
  await write(world, 6);
  await write(world, 6, { stream: { level: "collection", database: "shop", collection: "items" } });
  const outside = new Outside(world.clock);
  const kept = new KeptFormat(
    "delta",
    follower(world, { store: outside.wrap("destination", world.destination) }),
    "s3://lake",
  );
  const { signal } = new AbortController();
  const lags = async (nowMs: number) => {
    const { commits, failures } = await world.clock.finish(kept.turn(nowMs, signal));
    const at = kept.tables.map(({ name, upToDateMs }) => [name, upToDateMs]).sort();
    return { commits, at, failed: failures.map(({ table }) => table!.name.collection) };
  };
  assert.deepEqual((await lags(7000)).at, [["shop.items", 7000], ["shop.orders", 7000]]);
  outside.plan = ({ args }) =>
    String(args[0]).includes(`${FOLDER}/_delta_log`)
      ? { kind: "error", when: "before", error: new TransientError("No answer") }
      : undefined;
  for (const name of ["orders", "items"]) {
    await write(world, 6, { stream: { level: "collection", database: "shop", collection: name } });
  }
  assert.deepEqual(await lags(8000), {
    ...{ commits: 1, failed: ["orders"] },
    at: [["shop.items", 8000], ["shop.orders", 7000]],
  });
  outside.plan = () => undefined;
  assert.deepEqual((await lags(9000)).at, [["shop.items", 9000], ["shop.orders", 9000]]);
});

Deno.test("that a collection has no table is told again by who starts from a note", async () => {
  const world = new LakeWorld();
  await write(world, 6, { stream: { level: "collection", database: "shop", collection: "a/b" } });
  const { signal } = new AbortController();
  for (let start = 0; start < 2; start++) {
    const kept = new KeptFormat("delta", follower(world), "s3://lake");
    await kept.turn(7000, signal);
    const [table] = kept.tables;
    assert.match(table!.fault!, /has a "%"/);
    assert.deepEqual([table!.name, table!.isMissing, table!.version], [
      "shop.a/b",
      true,
      undefined,
    ]);
    assert.match([...kept.faults().values()].join(), /^shop\.a\/b has no table: its folder/);
  }
});
