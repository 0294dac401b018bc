import assert from "node:assert/strict";
import { dropLog } from "../../../src/table/delta/dropping.ts";
import { noteDrop, readHint } from "../../../src/table/table_hint.ts";
import { LakeWorld, ORDERS } from "../../support/lake_world.ts";
import {
  deltaStore,
  FOLDER,
  follower,
  gapAfter,
  readTable,
  tableParts,
  turnToEnd,
  write,
} from "../../support/table_world.ts";

Deno.test("a follower notes how far it has come, and tells of its tables", async () => {
  const world = new LakeWorld();
  await write(world, 6);
  const tables = follower(world);
  await turnToEnd(tables);
  const [table] = tables.tables;
  assert.equal(table!.folder, FOLDER);
  const hint = await readHint(tableParts(world).hint!);
  const last = (await world.records()).at(-1)!;
  assert.equal(hint!.streams["collection.shop.orders"]!.seq, last.seq);
  assert.deepEqual(hint!.tables[FOLDER]!.known, { id: table!.id, version: table!.version });
});

Deno.test("only the tables that are wanted are made", async () => {
  const world = new LakeWorld();
  await write(world, 6);
  await write(world, 6, { stream: { ...ORDERS, collection: "items" } as never });
  const tables = follower(world, { isWanted: ({ collection }) => collection === "items" });
  await turnToEnd(tables);
  assert.deepEqual(tables.tables.map(({ name }) => name.collection), ["items"]);
});

Deno.test("gaps of before a table began are among its holes, once, whoever reads again", async () => {
  const world = new LakeWorld();
  await write(world, 0);
  await gapAfter(world);
  const early = follower(world);
  await turnToEnd(early);
  assert.equal(early.tables.length, 0);
  await write(world, 6);
  await turnToEnd(follower(world));
  await world.destination.remove("_tributary/tables/delta.json");
  await turnToEnd(follower(world));
  assert.equal((await readTable(world.destination)).configuration["tributary.gaps"], "1");
});

Deno.test("a table without news that was dropped is made anew, also by who starts from a note of before", async () => {
  for (const isSameFollower of [true, false]) {
    const world = new LakeWorld();
    await write(world, 6);
    const tables = follower(world);
    await turnToEnd(tables);
    await dropLog(deltaStore(world.destination), FOLDER);
    await noteDrop(tableParts(world).hint!, "drop-1");
    const next = isSameFollower ? tables : follower(world);
    await turnToEnd(next);
    assert.deepEqual([...(await readTable(world.destination)).paths.values()], [1, 1]);
    assert.equal((await readHint(tableParts(world).hint!))!.drop, "drop-1");
    await turnToEnd(next);
    assert.equal((await readTable(world.destination)).version, 0);
  }
});
