import assert from "node:assert/strict";
import { buildTables } from "../../../../src/app/tables/build_tables.ts";
import { compactTables } from "../../../../src/app/tables/compact_tables.ts";
import { loadLakeConfig } from "../../../../src/config/resolve/load.ts";
import { MemoryOplog } from "../../../../src/source/memory/memory_oplog.ts";
import { systemClock } from "../../../../src/support/clock.ts";
import { silentLog } from "../../../../src/support/log.ts";
import { systemRandom } from "../../../../src/support/random.ts";
import { layIntoFolder } from "../../../support/lake_folder.ts";
import { LakeWorld } from "../../../support/lake_world.ts";
import { MACHINE, sourcesOf } from "../../../support/load_config.ts";
import { FOLDER, TABLE_SETTINGS, write } from "../../../support/table_world.ts";

const tools = { clock: systemClock, random: systemRandom, log: silentLog, hostName: "host-1" };
const LONG_AGO = { t: 1_700_000_000, i: 1 };

Deno.test("compactTables makes tables and joins what they have, and tells of a table that must be left alone", async () => {
  const world = new LakeWorld(1, new MemoryOplog(LONG_AGO));
  world.insert(5, "items");
  await write(world, 9, {
    stream: { level: "database", database: "shop" },
    settings: TABLE_SETTINGS,
  });
  await using lake = await layIntoFolder(world);
  const entry = `${lake.path}/${FOLDER}/_delta_log/00000000000000000000.json`;
  await Deno.mkdir(entry.slice(0, entry.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(entry, "{");
  const loaded = loadLakeConfig(sourcesOf({ env: { DESTINATION: lake.url } }), MACHINE);
  assert.ok(loaded.ok);
  const command = { tools, signal: new AbortController().signal, reached: () => {} };
  const reports = await compactTables(loaded.config, command, undefined);
  const shown = reports.map(({ collection, inputs, outputs }) => [collection, inputs, outputs]);
  assert.deepEqual(shown.sort(), [["items", 2, 1], ["orders", 0, 0]]);
  const faults = reports.flatMap((report) => report.faults);
  assert.equal(faults.length, 1);
  assert.match(faults[0]!, /its log entry 0 cannot be read/);
});

Deno.test("tables of both formats in a folder name the same joined object", async () => {
  const world = new LakeWorld(1, new MemoryOplog(LONG_AGO));
  await write(world, 9);
  await using lake = await layIntoFolder(world);
  const env = { DESTINATION: lake.url, TABLES: "delta,iceberg" };
  const loaded = loadLakeConfig(sourcesOf({ env }), MACHINE);
  assert.ok(loaded.ok);
  const command = { tools, signal: new AbortController().signal, reached: () => {} };
  await buildTables(loaded.config, command, undefined);
  const reports = await compactTables(loaded.config, command, undefined);
  const shown = reports.map(({ format, inputs, outputs }) => [format, inputs, outputs]);
  assert.deepEqual(shown, [["delta", 3, 1], ["iceberg", 3, 1]]);
  const joined = await Array.fromAsync(Deno.readDir(`${lake.path}/${FOLDER}/_compact`));
  assert.equal(joined.length, 1);
});
