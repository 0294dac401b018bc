/** Which objects engines would read for a query, by what the logs of tables say of each. */
import assert from "node:assert/strict";
import { runFake } from "../support/fake_host.ts";
import { layIntoFolder } from "../support/lake_folder.ts";
import { LakeWorld } from "../support/lake_world.ts";
import { queryTable } from "../support/table_readers.ts";
import { FOLDER, write } from "../support/table_world.ts";

const HOUR_S = 3600;

Deno.test("a query for the latest hour reads the objects of that hour alone", async () => {
  const world = new LakeWorld();
  for (let hour = 0; hour < 4; hour++) {
    await write(world, 6);
    world.pass(HOUR_S);
  }
  await using lake = await layIntoFolder(world);
  const env = { DESTINATION: lake.url, TABLES: "delta,iceberg" };
  assert.equal((await runFake("table build all", { env })).code, 0);
  const hours = (await objectsOf(world)).map((key) => /hour=\d+/.exec(key)![0]);
  const [latest, oldest] = [hours.at(-1)!, hours[0]!];
  assert.notEqual(latest, oldest);
  const since = startOf((await objectsOf(world)).at(-1)!);
  const [all, ofLatest] = [hours.length, hours.filter((hour) => hour === latest).length];
  for (const reader of ["deltalake", "pyiceberg"] as const) {
    const plan = async (time: string) => {
      const [row] = await queryTable(reader, `${lake.path}/${FOLDER}`, `PLAN SINCE ${time}`);
      return row!["files"];
    };
    assert.deepEqual([await plan("2000-01-01T00:00:00+00:00"), await plan(since)], [all, ofLatest]);
  }
});

async function objectsOf(world: LakeWorld): Promise<string[]> {
  return (await world.destination.list(`${FOLDER}/year=`, { limit: 1000 })).toSorted();
}

/** The beginning of the hour that a key names. */
function startOf(key: string): string {
  const [, year, month, day, hour] = /year=(\d+)\/month=(\d+)\/day=(\d+)\/hour=(\d+)/.exec(key)!;
  return `${year}-${month}-${day}T${hour}:00:00+00:00`;
}
