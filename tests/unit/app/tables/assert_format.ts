import assert from "node:assert/strict";
import { openFormat } from "../../../../src/app/tables/formats.ts";
import type { TableFormat } from "../../../../src/model/table_format.ts";
import { silentLog } from "../../../../src/support/log.ts";
import { LakeWorld, ORDERS } from "../../../support/lake_world.ts";
import {
  FOLDER,
  follower,
  pathsInJournal,
  turnToEnd,
  write,
} from "../../../support/table_world.ts";

/** A table of the format is made, told and dropped, and its objects stay. */
export async function assertFormat(format: TableFormat): Promise<void> {
  const world = new LakeWorld();
  await write(world, 6);
  await turnToEnd(follower(world, { format }));
  const { clock, random, destination } = world;
  const tables = openFormat(format, {
    config: { tableWriters: "ours" },
    tools: { clock, random, log: silentLog, hostName: "h" },
    places: { lake: destination, destination },
  });
  assert(await tables.isThere(FOLDER));
  const table = await tables.open(FOLDER);
  assert.deepEqual(table!.name, { database: "shop", collection: "orders" });
  const paths = (await table!.files()).map(({ path }) => path);
  assert.deepEqual(paths.sort(), await pathsInJournal(world));
  const records = await world.records();
  const { lake } = records[0] as { lake: string };
  const { seq } = records.findLast(({ kind }) => kind === "batch")!;
  assert.equal(table!.markOf(`collection.shop.orders@${lake}`)?.seq, seq);
  await tables.drop(FOLDER);
  assert(!await tables.isThere(FOLDER));
  assert.deepEqual(await pathsInJournal(world, ORDERS), paths.sort());
}
