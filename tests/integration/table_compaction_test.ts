/** What small objects become is read by two engines that share no code with what joined them. */
import assert from "node:assert/strict";
import { MemoryOplog } from "../../src/source/memory/memory_oplog.ts";
import { queryLake } from "../support/lake.ts";
import { runFake } from "../support/fake_host.ts";
import { layIntoFolder } from "../support/lake_folder.ts";
import { LakeWorld } from "../support/lake_world.ts";
import { queryTable, TABLE_READERS } from "../support/table_readers.ts";
import { FOLDER, write } from "../support/table_world.ts";

/** Hours of then are over by any clock. */
const LONG_AGO = { t: 1_700_000_000, i: 1 };

const ALL = "SELECT * FROM t ORDER BY resume_token";

for (const format of ["delta", "iceberg"] as const) {
  Deno.test(`each row of a table of ${format} is the same for two engines when small objects are joined, and globs find no other`, async () => {
    const world = new LakeWorld(1, new MemoryOplog(LONG_AGO));
    await write(world, 2000);
    await using lake = await layIntoFolder(world);
    const env = { DESTINATION: lake.url, TABLES: format };
    const address = `${lake.path}/${FOLDER}`;
    const raw = () => queryLake(`${address}/year=*`, "SELECT count(*) AS rows FROM lake");
    assert.equal((await runFake("table build all", { env })).code, 0);
    const files = async () => {
      const shown = await runFake("table show all --json", { env });
      const [table] = JSON.parse(shown.stdout);
      return [table.files, table.rows];
    };
    assert.deepEqual(await files(), [500, 2000]);
    const before = [];
    for (const reader of TABLE_READERS[format]) {
      before.push(await queryTable(reader, address, ALL));
    }
    const rawBefore = await raw();
    const compacted = await runFake("table compact all", { env });
    assert.deepEqual([compacted.code, compacted.stderr], [0, ""]);
    assert.deepEqual(await files(), [1, 2000]);
    assert.equal((await runFake("table verify all", { env })).code, 0);
    for (const [i, reader] of TABLE_READERS[format].entries()) {
      assert.equal(before[i]!.length, 2000);
      assert.deepEqual(await queryTable(reader, address, ALL), before[i], reader);
      const [early] = await queryTable(
        reader,
        address,
        "SELECT count(*) AS rows FROM t WHERE cluster_time < TIMESTAMP '2020-01-01'",
      );
      assert.deepEqual(early, { rows: 0 }, reader);
    }
    assert.deepEqual(await raw(), rawBefore);
    // The small ones may be gone when it is made anew.
    assert.equal((await runFake("table drop all", { env })).code, 0);
    await Deno.remove(`${address}/year=2023`, { recursive: true });
    assert.equal((await runFake("table build all", { env })).code, 0);
    assert.deepEqual(await files(), [1, 2000]);
    for (const [i, reader] of TABLE_READERS[format].entries()) {
      assert.deepEqual(await queryTable(reader, address, ALL), before[i], reader);
    }
  });
}
