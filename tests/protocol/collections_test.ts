/** Collections that come and go under a selection, with journals and objects in memory: nothing of them is missing. */
import assert from "node:assert/strict";
import { LakeWorld } from "../support/lake_world.ts";
import { cover, dropIn, runStreamOf, shop } from "../support/covered_lake.ts";

/** Inserts that are stored for a collection, as its journal names them. */
async function rowsOf(world: LakeWorld, collection: string): Promise<number> {
  const records = await world.records(shop(collection));
  return records.flatMap((each) => each.kind === "batch" ? each.objects : [])
    .reduce((sum, { rows }) => sum + rows, 0);
}

Deno.test("a collection that comes and goes between two looks is read from its first event to its drop", async () => {
  const world = new LakeWorld();
  world.insert(1, "there");
  const copy = cover(world);
  assert.deepEqual(await copy.look(), ["there"]);
  world.insert(5, "temp");
  dropIn(world, "temp");
  await copy.pass(1);
  assert.ok(copy.state.changes > 0, "nobody waits for the next look");
  assert.deepEqual(await copy.look(), ["temp", "there"]);
  await runStreamOf(world, "temp");
  // A drop and an invalidate.
  assert.equal(await rowsOf(world, "temp"), 7);
  assert.deepEqual(await copy.look(), ["there"], "it is read to its end");
  world.insert(3, "temp");
  await copy.pass(1);
  assert.deepEqual(await copy.look(), ["temp", "there"]);
  await runStreamOf(world, "temp");
  assert.equal(await rowsOf(world, "temp"), 10);
  await copy.close();
});

Deno.test("what comes and goes while nothing runs is found, and what was dropped is read to its end", async () => {
  const world = new LakeWorld();
  world.insert(1, "there");
  world.insert(1, "goes");
  const first = cover(world);
  await first.look();
  await runStreamOf(world, "goes");
  await first.pass(1);
  await first.look();
  await first.close();
  world.insert(4, "goes");
  dropIn(world, "goes");
  world.insert(6, "brief");
  dropIn(world, "brief");
  world.insert(2, "young");
  const second = cover(world);
  await second.look();
  await second.pass(1);
  assert.deepEqual(await second.look(), ["brief", "goes", "there", "young"]);
  for (const name of ["brief", "goes", "young"]) await runStreamOf(world, name);
  assert.equal(await rowsOf(world, "goes"), 6);
  assert.equal(await rowsOf(world, "brief"), 8);
  assert.equal(await rowsOf(world, "young"), 2);
  await second.pass(1);
  assert.deepEqual(await second.look(), ["there", "young"]);
  await second.close();
});

Deno.test("copies that join, leave and crash cover the same, from one start", async () => {
  const world = new LakeWorld();
  world.insert(2, "there");
  const first = cover(world);
  await first.look();
  world.insert(2, "one");
  // It dies: nothing of what it knows but what is in the lake is left.
  await first.close();
  const second = cover(world);
  world.insert(2, "two");
  dropIn(world, "two");
  await second.look();
  const third = cover(world);
  await third.look();
  await third.pass(1);
  assert.deepEqual(await third.look(), ["one", "there", "two"]);
  assert.deepEqual(await second.look(), ["one", "there", "two"]);
  for (const name of ["one", "two", "there"]) await runStreamOf(world, name);
  assert.deepEqual(
    await Promise.all(["one", "two", "there"].map((name) => rowsOf(world, name))),
    [2, 4, 0],
    "what was there before the start begins at the start",
  );
  await second.close();
  await third.close();
});

Deno.test("other patterns cover what both want, and begin with what is new at their own start", async () => {
  const world = new LakeWorld();
  world.insert(1, "a1");
  world.insert(1, "b1");
  const first = cover(world, { include: ["shop.a*"] });
  await first.look();
  await first.pass(1);
  await first.look();
  await first.close();
  world.insert(3, "a2");
  dropIn(world, "a2");
  world.insert(3, "b2");
  dropIn(world, "b2");
  world.insert(3, "b1");
  const second = cover(world, { include: ["shop.a*", "shop.b*"], exclude: ["shop.a1"] });
  assert.deepEqual(await second.look(), ["a2", "b1"]);
  world.insert(2, "b1");
  world.insert(2, "b3");
  await second.pass(1);
  assert.deepEqual(await second.look(), ["a2", "b1", "b3"]);
  for (const name of ["a2", "b1", "b3"]) await runStreamOf(world, name);
  assert.deepEqual(
    await Promise.all(["a2", "b1", "b3"].map((name) => rowsOf(world, name))),
    [5, 2, 2],
  );
  await second.close();
});

Deno.test("a lake without coverage, as earlier versions left it, is covered from where its journals end", async () => {
  const world = new LakeWorld();
  world.insert(4, "goes");
  world.insert(4, "gone");
  await runStreamOf(world, "goes");
  dropIn(world, "gone");
  await runStreamOf(world, "gone");
  world.insert(2, "goes");
  dropIn(world, "goes");
  world.insert(3, "brief");
  dropIn(world, "brief");
  const copy = cover(world);
  assert.deepEqual(await copy.look(), ["brief", "goes"]);
  for (const name of ["brief", "goes"]) await runStreamOf(world, name);
  assert.equal(await rowsOf(world, "goes"), 8);
  assert.equal(await rowsOf(world, "brief"), 5);
  await copy.pass(1);
  assert.deepEqual(await copy.look(), []);
  await copy.close();
});
