import assert from "node:assert/strict";
import { openFormat } from "../../../../src/app/tables/formats.ts";
import { silentLog } from "../../../../src/support/log.ts";
import { LakeWorld, ORDERS } from "../../../support/lake_world.ts";
import {
  FOLDER,
  follower,
  pathsInJournal,
  turnToEnd,
  write,
} from "../../../support/table_world.ts";

Deno.test("a table of Delta is made, told and dropped, and its objects stay", async () => {
  const world = new LakeWorld();
  await write(world, 6);
  await turnToEnd(follower(world, { format: "delta" }));
  const { clock, random, destination } = world;
  const format = openFormat("delta", {
    config: { tableWriters: "ours" },
    tools: { clock, random, log: silentLog, hostName: "h" },
    places: { lake: destination, destination },
  });
  assert(await format.isThere(FOLDER));
  const table = await format.open(FOLDER);
  assert.deepEqual(table!.name, { database: "shop", collection: "orders" });
  const paths = (await table!.files()).map(({ path }) => path);
  assert.deepEqual(paths.sort(), await pathsInJournal(world));
  const records = await world.records();
  const { lake } = records[0] as { lake: string };
  const { seq } = records.findLast(({ kind }) => kind === "batch")!;
  assert.equal(table!.markOf(`collection.shop.orders@${lake}`)?.seq, seq);
  await format.drop(FOLDER);
  assert(!await format.isThere(FOLDER));
  assert.deepEqual(await pathsInJournal(world, ORDERS), paths.sort());
});
