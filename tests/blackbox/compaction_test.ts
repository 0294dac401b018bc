/** Small objects are joined by a program that is killed at any time; readers of both formats see each row once. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { MemoryOplog } from "../../src/source/memory/memory_oplog.ts";
import { eventually } from "../support/eventually.ts";
import { layIntoFolder } from "../support/lake_folder.ts";
import { LakeWorld } from "../support/lake_world.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { queryTable, TABLE_READERS, type TableReader } from "../support/table_readers.ts";
import { FOLDER, write } from "../support/table_world.ts";

const ROWS = 2000;

Deno.test("whoever is killed while joining leaves tables of both formats with each row once", async () => {
  // Long ago by any clock.
  const world = new LakeWorld(1, new MemoryOplog({ t: 1_700_000_000, i: 1 }));
  await write(world, ROWS);
  await using lake = await layIntoFolder(world);
  const env = { DESTINATION: lake.url, TABLES: "delta,iceberg" };
  const address = `${lake.path}/${FOLDER}`;
  const all = [...TABLE_READERS.delta, ...TABLE_READERS.iceberg];
  const assertRows = async (readers: readonly TableReader[]) => {
    for (const reader of readers) {
      const query = "SELECT count(*) AS n, count(DISTINCT resume_token) AS own FROM t";
      assert.deepEqual(await queryTable(reader, address, query), [{ n: ROWS, own: ROWS }], reader);
    }
    const verified = await runProgram(["table", "verify", "all"], { env });
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
  };
  assert.equal((await runProgram(["table", "build", "all"], { env })).code, 0);
  const steps = [
    `${address}/_compact`,
    `${lake.path}/_tributary/compactions`,
    `${address}/_delta_log/00000000000000000001.json`,
  ];
  for (const step of steps) {
    await using program = startProgram(["table", "compact", "all"], { env });
    await eventually(() => existsSync(step));
    program.kill("SIGKILL");
    await program.ended;
    await assertRows(["duckdb", "duckdb-iceberg"]);
  }
  assert.equal((await runProgram(["table", "compact", "all"], { env })).code, 0);
  await assertRows(all);
  const outputs = [...Deno.readDirSync(`${address}/_compact`)].filter(({ name }) =>
    name.endsWith(".pq")
  );
  assert.equal(outputs.length, 1);
});
