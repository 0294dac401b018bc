import assert from "node:assert/strict";
import { namesObjects } from "../../../../src/model/record.ts";
import { dropLog } from "../../../../src/table/delta/dropping.ts";
import { noteDrop, readHint } from "../../../../src/table/follow/table_hint.ts";
import { TableFault } from "../../../../src/table/table_log.ts";
import { LakeWorld, ORDERS } from "../../../support/lake_world.ts";
import {
  deltaStore,
  FOLDER,
  follower,
  type FollowerChoice,
  gapAfter,
  readTable,
  tableParts,
  turnToEnd,
  write,
} from "../../../support/table_world.ts";

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

Deno.test("a table that is denied is tried again ever less often, and has everything when it is allowed", async () => {
  for (const isThere of [true, false]) {
    const world = new LakeWorld();
    if (isThere) {
      await write(world, 2);
      await turnToEnd(follower(world));
    }
    await write(world, 4);
    const tries: number[] = [];
    let [turn, isDenied] = [0, true];
    const { openLog } = tableParts(world);
    const choice: FollowerChoice = {
      openLog(folder, name) {
        const log = openLog(folder, name);
        return {
          look: () => log.look(),
          commit(streams, known) {
            tries.push(turn);
            if (isDenied) throw new TableFault("denied", { refuses: true });
            return log.commit(streams, known);
          },
        };
      },
    };
    const tables = follower(world, choice);
    const { signal } = new AbortController();
    for (turn = 1; turn <= 15; turn++) await tables.turn(signal);
    assert.deepEqual(tries, [1, 2, 4, 8]);
    assert.equal(tables.tables[0]!.fault, "denied");
    isDenied = false;
    await tables.turn(signal);
    assert.equal(tables.tables[0]!.fault, undefined);
    assert.equal((await readTable(world.destination)).paths.size, await objectsOf(world));
  }
});

Deno.test("whoever starts from a note tries a table that was denied at once", async () => {
  const world = new LakeWorld();
  await write(world, 2);
  await turnToEnd(follower(world));
  await write(world, 4);
  const { openLog } = tableParts(world);
  const denied = follower(world, {
    openLog: (folder, name) => ({
      look: () => openLog(folder, name).look(),
      commit: () => Promise.reject(new TableFault("denied", { refuses: true })),
    }),
  });
  await turnToEnd(denied);
  await turnToEnd(follower(world));
  assert.equal((await readTable(world.destination)).paths.size, await objectsOf(world));
});

async function objectsOf(world: LakeWorld): Promise<number> {
  const records = await world.records();
  return records.flatMap((record) => namesObjects(record) ? record.objects : []).length;
}
