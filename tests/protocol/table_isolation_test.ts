/** What goes wrong with one table holds up no other, and is forgotten when it is over. */
import assert from "node:assert/strict";
import { TransientError } from "../../src/model/errors.ts";
import { LakeWorld } from "../support/lake_world.ts";
import { Outside } from "../support/outside.ts";
import {
  FOLDER,
  follower,
  gapAfter,
  pathsInJournal,
  readTable,
  TABLE_SETTINGS,
  turnToEnd,
  write,
} from "../support/table_world.ts";

const signal = new AbortController().signal;

function streamOf(collection: string, database = "shop") {
  return { level: "collection", database, collection } as const;
}

/** A store that answers nothing where a key contains this. */
function deafTo(world: LakeWorld, part: string): Outside {
  const outside = new Outside(world.clock);
  outside.plan = ({ args }) =>
    String(args[0]).includes(part)
      ? { kind: "error", when: "before", error: new TransientError(`No answer for ${part}`) }
      : undefined;
  return outside;
}

for (const part of [`${FOLDER}/_delta_log`, "/collection.shop.orders/"]) {
  Deno.test(`while ${part} is not answered, all other tables follow`, async () => {
    const world = new LakeWorld();
    await write(world, 4);
    const others = Array.from({ length: 20 }, (_, i) => `other${i}`);
    for (const name of others) await write(world, 2, { stream: streamOf(name) });
    const outside = deafTo(world, part);
    const tables = follower(world, { store: outside.wrap("destination", world.destination) });
    for (let turn = 0; turn < 2; turn++) {
      await assert.rejects(world.clock.finish(tables.turn(signal)), /No answer/);
    }
    for (const name of others) {
      assert.equal((await readTable(world.destination, `db=shop/coll=${name}`)).version, 0, name);
    }
    assert.equal((await readTable(world.destination)).version, -1);
    outside.plan = () => undefined;
    await world.clock.finish(tables.turn(signal));
    assert.equal((await readTable(world.destination)).version, 0);
  });
}

Deno.test("a table whose first commit was not answered has the gaps of before, each once", async () => {
  const world = new LakeWorld();
  await write(world, 0);
  await gapAfter(world);
  const outside = deafTo(world, `${FOLDER}/_delta_log`);
  const tables = follower(world, { store: outside.wrap("destination", world.destination) });
  await world.clock.finish(tables.turn(signal));
  await write(world, 6);
  for (let turn = 0; turn < 2; turn++) {
    await assert.rejects(world.clock.finish(tables.turn(signal)), /No answer/);
  }
  outside.plan = () => undefined;
  await world.clock.finish(tables.turn(signal));
  assert.equal((await readTable(world.destination)).configuration["tributary.gaps"], "1");
});

Deno.test("of two collections with one folder, the first has a table and the other is told of", async () => {
  const world = new LakeWorld();
  const keyRule = { template: "{db}_{coll}/{yyyy}/", bucket: "hour" } as const;
  const settings = { ...TABLE_SETTINGS, keyRule };
  world.insert(3, "b_c", "a");
  await write(world, 0, { stream: streamOf("b_c", "a"), settings });
  world.insert(5, "c", "a_b");
  await write(world, 0, { stream: streamOf("c", "a_b"), settings });
  for (let turn = 0; turn < 2; turn++) {
    const tables = follower(world);
    await turnToEnd(tables);
    assert.deepEqual(tables.tables.map(({ name }) => name), [{ database: "a", collection: "b_c" }]);
    assert.match(tables.refusals.get("a_b.c") ?? "", /"a_b_c\/" has the events of a\.b_c/);
    await world.destination.remove("_tributary/tables/delta.json");
  }
});

Deno.test("a table that is never answered does not hold up the others of its stream, and has all in the end", async () => {
  const world = new LakeWorld();
  const stream = { level: "database", database: "shop" } as const;
  // More records than a follower holds of one stream.
  for (let i = 0; i < 150; i++) {
    world.insert(1, "items");
    await write(world, 1, { stream });
  }
  const outside = deafTo(world, `${FOLDER}/_delta_log`);
  const tables = follower(world, { store: outside.wrap("destination", world.destination) });
  const items = "db=shop/coll=items";
  for (let turn = 0; turn < 4; turn++) await world.clock.finish(tables.attempt(signal));
  const { paths } = await readTable(world.destination, items);
  assert.deepEqual([...paths.keys()].sort(), await pathsInJournal(world, stream, items));
  const fault = (folder: string) => tables.tables.find((table) => table.folder === folder)!.fault;
  assert.match(fault(FOLDER) ?? "", /No answer/);
  assert.equal(fault(items), undefined);
  outside.plan = () => undefined;
  for (let turn = 0; turn < 3; turn++) await world.clock.finish(tables.turn(signal));
  const orders = await readTable(world.destination);
  assert.deepEqual([...orders.paths.keys()].sort(), await pathsInJournal(world, stream));
  assert.ok([...orders.paths.values()].every((times) => times === 1));
});
