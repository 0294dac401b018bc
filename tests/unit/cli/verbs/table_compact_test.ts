import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { MemoryOplog } from "../../../../src/source/memory/memory_oplog.ts";
import { runFake } from "../../../support/fake_host.ts";
import { layIntoFolder } from "../../../support/lake_folder.ts";
import { LakeWorld } from "../../../support/lake_world.ts";
import { FOLDER, write } from "../../../support/table_world.ts";

Deno.test("table compact joins small objects, and verify, show and a new build go by what was joined", async () => {
  // Long ago by any clock.
  const world = new LakeWorld(1, new MemoryOplog({ t: 1_700_000_000, i: 1 }));
  await write(world, 14);
  await using lake = await layIntoFolder(world);
  const env = { DESTINATION: lake.url };
  const run = (line: string) => runFake(line, { env });
  const compacted = await run("table compact all");
  assert.deepEqual([compacted.code, compacted.stderr], [0, ""]);
  assert.match(compacted.stdout, /coll=orders\/: 4 objects became 1, of \d+ bytes\n$/);
  const again = await run("table compact shop.orders");
  assert.match(again.stdout, /coll=orders\/: 0 objects became 0, of 0 bytes\n$/);
  const isWhole = async () => {
    const verified = await run("table verify all");
    assert.deepEqual([verified.code, verified.stderr], [0, ""], verified.stdout);
    assert.equal((await run("verify")).code, 0);
    const [{ files, rows }] = JSON.parse((await run("table show all --json")).stdout);
    return [files, rows];
  };
  assert.deepEqual(await isWhole(), [1, 14]);
  const [output] = [...Deno.readDirSync(`${lake.path}/${FOLDER}/_compact`)];
  assert.match(output!.name, /^[0-9a-f]{32}\.pq$/);
  await run("table drop all");
  await run("table build all");
  assert.deepEqual(await isWhole(), [1, 14]);
  await Deno.remove(`${lake.path}/${FOLDER}/_compact/${output!.name}`);
  const gone = await run("table verify all");
  assert.equal(gone.code, 1);
  assert.match(gone.stdout, /_compact\/[0-9a-f]+\.pq: it is gone/);
});

Deno.test("table compact deletes what was joined long ago, and nobody calls it missing", async () => {
  const world = new LakeWorld(1, new MemoryOplog({ t: 1_700_000_000, i: 1 }));
  await write(world, 14);
  await using lake = await layIntoFolder(world);
  const env = { DESTINATION: lake.url, TABLE_RETENTION: "7d" };
  const run = (line: string) => runFake(line, { env });
  const keys = (await world.destination.list("", { limit: 1000 })).filter((key) =>
    key.endsWith(".parquet")
  );
  const small = () => keys.filter((key) => existsSync(`${lake.path}/${key}`)).length;
  assert.equal((await run("table compact all")).code, 0);
  assert.equal(small(), 4);
  const note = `${lake.path}/_tributary/tables/retention/${FOLDER}.json`;
  const { v, named } = JSON.parse(await Deno.readTextFile(note));
  for (const since of Object.values<{ sinceMs: number }>(named)) since.sinceMs -= 7 * 86_400_000;
  await Deno.writeTextFile(note, JSON.stringify({ v, named }));
  const deleted = await run("table compact all");
  assert.deepEqual([deleted.code, deleted.stderr], [0, ""]);
  assert.match(deleted.stdout, /coll=orders\/: 4 objects that were joined before are deleted\n/);
  assert.equal(small(), 0);
  const lines = ["verify", "verify --read", "table verify all"];
  for (const line of [...lines, "table drop all", "table build all", ...lines]) {
    const outcome = await run(line);
    assert.deepEqual([outcome.code, outcome.stderr], [0, ""], `${line} ${outcome.stdout}`);
  }
  const [{ files, rows }] = JSON.parse((await run("table show all --json")).stdout);
  assert.deepEqual([files, rows], [1, 14]);
});
