import assert from "node:assert/strict";
import { DuckDBInstance } from "@duckdb/node-api";
import { createObjectSnapshots } from "../../../src/journal/object_snapshots.ts";
import { initialId } from "../../../src/model/snapshot.ts";
import { runFake } from "../../support/fake_host.ts";
import { layIntoFolder } from "../../support/lake_folder.ts";
import { LakeWorld, ORDERS } from "../../support/lake_world.ts";
import { RangeWorld } from "../../support/range_world.ts";
import { crashAfterRecord } from "../../support/crash_between.ts";

Deno.test("printSql's query for DuckDB gives the latest state of the lake that it is printed for", async () => {
  const range = new RangeWorld(11);
  await crashAfterRecord(range.world.instance(), 0);
  await range.copy().runToEnd();
  await createObjectSnapshots(range.world.destination).putEnd({
    ...{ v: 1, id: initialId(ORDERS), writtenAt: "now", before: "82", except: [] },
    ...{ database: "shop", collection: "orders" },
  });
  await using lake = await layIntoFolder(range.world);
  const env = { DESTINATION: lake.url, FORMAT: "jsonl", COMPRESSION: "none" };
  const { code, stdout } = await runFake("status --sql", { env });
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^-- The latest state of shop\.orders\n-- A document .*is gone\nWITH events AS/,
  );
  assert.match(stdout, /AND resume_token > '82'/);
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(stdout);
    assert.equal(reader.getRowObjectsJS().length, 11);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
});

Deno.test("printSql says what it cannot print, and where nothing is streamed", async () => {
  const world = new LakeWorld();
  await crashAfterRecord(world.instance({ stream: { level: "database", database: "crm" } }), 0);
  await using lake = await layIntoFolder(world);
  const said = async (line: string, env: Record<string, string> = {}) => {
    const { code, stdout, stderr } = await runFake(line, {
      env: { DESTINATION: lake.url, ...env },
    });
    return `${code} ${stdout}${stderr}`;
  };
  assert.match(await said("status --sql=oracle"), /^2 tributary: There is no SQL of "oracle" here/);
  assert.match(await said("status --sql", { FORMAT: "csv" }), /^2 .*no query for FORMAT=csv/);
  assert.match(await said("status --sql=spark"), /^0 -- The latest state of a collection of crm: /);
  await using empty = await layIntoFolder(new LakeWorld());
  assert.match(await said("status --sql", { DESTINATION: empty.url }), /^1 tributary: There is no/);
});
