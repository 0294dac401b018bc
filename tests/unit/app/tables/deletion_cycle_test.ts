import assert from "node:assert/strict";
import { DeletionCycle } from "../../../../src/app/tables/deletion_cycle.ts";
import { type LogFields, silentLog } from "../../../../src/support/log.ts";
import { FOLDER } from "../../../support/table_world.ts";
import {
  joinedWorld,
  partsOf,
  pass,
  RETENTION_MS,
  smallOf,
} from "../../table/retention/joined_world.ts";

const always = () => true;

Deno.test("what was joined goes about once a day, and why something stays is said once", async () => {
  const world = await joinedWorld();
  const said: string[] = [];
  const warn = (_: string, fields?: LogFields) => void said.push(String(fields?.["reason"]));
  let isAway = false;
  const real = partsOf(world);
  const deletion = {
    ...real,
    tablesIn: (folder: string) =>
      isAway ? Promise.reject(new Error("the store is away")) : real.tablesIn(folder),
  };
  const { clock } = world;
  const cycle = new DeletionCycle({ deletion, clock, log: { ...silentLog, warn } });
  const tables = [{ folder: FOLDER }, { folder: "db=shop/coll=other" }];
  await cycle.go(tables, always);
  await pass(world, RETENTION_MS);
  isAway = true;
  await cycle.go(tables, always);
  await pass(world, 24 * 3_600_000 - 1);
  isAway = false;
  await cycle.go(tables, always);
  assert.equal((await smallOf(world)).length, 4);
  isAway = true;
  await pass(world, 1);
  await cycle.go(tables, always);
  assert.deepEqual(said, ["the store is away"]);
  isAway = false;
  await pass(world, 24 * 3_600_000);
  await cycle.go(tables, () => false);
  assert.equal((await smallOf(world)).length, 4);
  await cycle.go(tables, always);
  assert.equal((await smallOf(world)).length, 0);
  assert.deepEqual([cycle.objects, cycle.bytes > 0], [4, true]);
});
