/** What becomes of tables where the settings of their streams change. */
import assert from "node:assert/strict";
import type { StreamSettings } from "../../src/model/settings.ts";
import { LakeWorld } from "../support/lake_world.ts";
import {
  FOLDER,
  follower,
  pathsInJournal,
  readTable,
  TABLE_SETTINGS,
  turnToEnd,
  write,
} from "../support/table_world.ts";

const ORDERS = { level: "collection", database: "shop", collection: "orders" } as const;

function changed(parts: Partial<StreamSettings>): { readonly settings: StreamSettings } {
  return { settings: { ...TABLE_SETTINGS, ...parts } };
}

async function assertTable(world: LakeWorld, folder = FOLDER): Promise<void> {
  const { paths } = await readTable(world.destination, folder);
  assert.deepEqual([...paths.keys()].sort(), await pathsInJournal(world, ORDERS, folder));
}

Deno.test("settings of events and of compression change nothing about a table", async () => {
  const world = new LakeWorld();
  const tables = follower(world);
  const { encoding } = TABLE_SETTINGS;
  for (
    const parts of [
      {},
      { encoding: { ...encoding, compression: "snappy" } },
      { encoding: { ...encoding, jsonMode: "canonical" } },
      { fullDocument: "off" },
      { redact: ["card"] },
    ] as const
  ) {
    await write(world, 3, changed(parts));
    await turnToEnd(tables);
    await assertTable(world);
  }
  assert.equal(tables.tables.length, 1);
  assert.equal(tables.tables[0]!.fault, undefined);
});

Deno.test("other folders are another table, and the one of before stays as it was", async () => {
  const world = new LakeWorld();
  const tables = follower(world);
  await write(world, 3);
  await turnToEnd(tables);
  const template = `v2/${TABLE_SETTINGS.keyRule.template}`;
  await write(world, 3, changed({ keyRule: { ...TABLE_SETTINGS.keyRule, template } }));
  for (const each of [tables, follower(world)]) {
    await turnToEnd(each);
    for (const folder of [FOLDER, `v2/${FOLDER}`]) await assertTable(world, folder);
    assert.deepEqual(each.tables.map(({ fault }) => fault), [undefined, undefined]);
  }
});

Deno.test("behind objects of another format there is a table again, in another folder", async () => {
  const world = new LakeWorld();
  const tables = follower(world);
  await write(world, 3);
  await turnToEnd(tables);
  const before = await pathsInJournal(world);
  const encoding = { format: "jsonl", compression: "none", jsonMode: "relaxed" } as const;
  await write(world, 3, changed({ encoding }));
  const template = `v2/${TABLE_SETTINGS.keyRule.template}`;
  await write(world, 3, changed({ keyRule: { ...TABLE_SETTINGS.keyRule, template } }));
  for (let round = 0; round < 3; round++) {
    for (const each of [tables, follower(world)]) {
      await turnToEnd(each);
      assert.deepEqual([...(await readTable(world.destination)).paths.keys()].sort(), before);
      await assertTable(world, `v2/${FOLDER}`);
      const faults = new Map(each.tables.map(({ folder, fault }) => [folder, fault]));
      assert.match(faults.get(FOLDER)!, /ends: it has objects in the format jsonl/);
      assert.equal(faults.get(`v2/${FOLDER}`), undefined);
    }
    await write(world, 3, changed({ keyRule: { ...TABLE_SETTINGS.keyRule, template } }));
    if (round === 1) await world.destination.remove("_tributary/tables/delta.json");
  }
});
