import { PermanentError } from "../../../../src/model/errors.ts";
import assert from "node:assert/strict";
import { createObjectCoverage } from "../../../../src/journal/object_coverage.ts";
import { selectionKey } from "../../../../src/model/coverage.ts";
import { positionAfterTime, positionAt } from "../../../../src/model/position.ts";
import { cover, dropIn, runStreamOf } from "../../../support/covered_lake.ts";
import { LakeWorld } from "../../../support/lake_world.ts";

const KEY = selectionKey({ include: ["shop.*"], exclude: [] });

const written = (world: LakeWorld) => createObjectCoverage(world.destination).last(KEY);
const startOf = (world: LakeWorld, name: string) =>
  world.journal.readStart(`collection.shop.${name}`);

Deno.test("SelectionCoverage.look() starts what was there at the start, and the rest at its beginning", async () => {
  const world = new LakeWorld();
  world.insert(1, "there");
  const start = positionAfterTime(world.oplog.operationTime);
  const copy = cover(world, { exclude: ["shop.tmp*"] });
  await copy.look();
  world.insert(1, "tmp_1");
  world.insert(1, "young");
  const began = world.oplog.operationTime;
  world.insert(5, "young");
  await copy.pass(1);
  assert.deepEqual(await copy.look(), ["there", "young"]);
  assert.deepEqual(await startOf(world, "there"), start);
  assert.deepEqual(await startOf(world, "young"), positionAt(began));
  assert.equal(await startOf(world, "tmp_1"), undefined);
  await copy.close();
});

Deno.test("SelectionCoverage tells what was there before it began, and not what came while it looked", async () => {
  const world = new LakeWorld();
  world.insert(1, "there");
  const told: string[] = [];
  const isNew = async ({ collection }: { collection: string }) => {
    assert.equal(await startOf(world, collection), undefined);
    told.push(collection);
  };
  const copy = cover(world, { isNew });
  await copy.look();
  world.insert(1, "young");
  await copy.pass(1);
  await copy.look();
  await copy.pass(30);
  await copy.look();
  await copy.close();
  const next = cover(world, { isNew });
  await next.pass(1);
  world.insert(1, "younger");
  assert.deepEqual(await next.look(), ["there", "young", "younger"]);
  await next.close();
  assert.deepEqual(told, ["there"]);
});

Deno.test("SelectionCoverage.look() starts what was dropped at once where everything started", async () => {
  const world = new LakeWorld();
  world.insert(1, "there");
  const start = positionAfterTime(world.oplog.operationTime);
  const copy = cover(world, {
    source: {
      list: () => {
        world.insert(2, "there");
        dropIn(world, "there");
        return Promise.resolve([]);
      },
    },
  });
  await copy.look();
  await copy.pass(1);
  assert.deepEqual(await startOf(world, "there"), start);
  await copy.close();
});

Deno.test("a start that was refused is fixed later, where the collection began", async () => {
  const world = new LakeWorld();
  let isRefused = false;
  const journal = {
    ...world.journal,
    putStart: (...given: Parameters<typeof world.journal.putStart>) => {
      if (isRefused) throw new PermanentError("Cannot write: access denied");
      return world.journal.putStart(...given);
    },
  };
  const copy = cover(world, { journal });
  await copy.look();
  await copy.pass(1);
  isRefused = true;
  world.insert(1, "young");
  const began = world.oplog.operationTime;
  await copy.pass(5);
  await copy.look();
  await copy.pass(60);
  isRefused = false;
  await copy.look();
  assert.deepEqual((await startOf(world, "young"))?.operationTime, began);
  await copy.close();
});

Deno.test("SelectionCoverage writes to the lake when something is open, and else now and then", async () => {
  const world = new LakeWorld();
  world.insert(1, "there");
  const copy = cover(world, { onHistoryLost: "fail" });
  await copy.look();
  assert.equal((await written(world))?.seq, 0);
  await copy.pass(30);
  await copy.look();
  assert.equal((await written(world))?.seq, 1, "the first look is done");
  const { seq } = (await written(world))!;
  world.insert(1, "temp");
  dropIn(world, "temp");
  await copy.pass(1);
  await copy.look();
  const open = (await written(world))!;
  assert.deepEqual(open.open.map(({ collection }) => collection), ["temp"]);
  assert.equal(open.seq, seq + 1);
  await runStreamOf(world, "temp");
  await copy.look();
  assert.deepEqual((await written(world))?.open, []);
  await copy.close();
});

Deno.test("SelectionCoverage finds by listing alone where nothing else may be seen, and says so once", async () => {
  const world = new LakeWorld();
  world.insert(1, "there");
  const openNews = () => Promise.resolve(undefined);
  const copy = cover(world, { source: { openNews } });
  await copy.look();
  const looked = world.oplog.operationTime;
  world.insert(4, "young");
  await copy.pass(1);
  assert.deepEqual(await copy.look(), ["there", "young"]);
  assert.deepEqual((await startOf(world, "young"))?.operationTime, looked);
  dropIn(world, "young");
  await copy.pass(1);
  assert.deepEqual(await copy.look(), ["there", "young"], "it has not been read to its end");
  assert.deepEqual(copy.events, [{ type: "unseen" }]);
  await copy.close();
  const next = cover(world, { source: { openNews } });
  await next.look();
  assert.deepEqual(await next.look(), ["there", "young"]);
  await next.close();
});

Deno.test("SelectionCoverage never moves on past what has not been told yet", async () => {
  const world = new LakeWorld();
  world.insert(1, "there");
  const silent = Promise.withResolvers<never>();
  silent.promise.catch(() => {});
  const close = () => Promise.resolve(silent.reject(new Error("closed")));
  const first = cover(world, {
    source: { openNews: () => Promise.resolve({ next: () => silent.promise, close }) },
  });
  await first.look();
  world.insert(3, "brief");
  dropIn(world, "brief");
  for (let look = 0; look < 3; look++) {
    await first.pass(700);
    await first.look();
  }
  await first.close();
  const second = cover(world);
  await second.look();
  await second.pass(1);
  assert.deepEqual(await second.look(), ["brief", "there"]);
  await second.close();
});

Deno.test("SelectionCoverage keeps what no list shows any more until its journal is behind that", async () => {
  const world = new LakeWorld();
  world.insert(1, "there");
  let names = ["there"];
  const copy = cover(world, {
    source: {
      list: () => Promise.resolve(names.map((collection) => ({ database: "shop", collection }))),
    },
  });
  await copy.look();
  names = [];
  assert.deepEqual(await copy.look(), ["there"]);
  names = ["there"];
  await copy.pass(1);
  await copy.look();
  await copy.pass(1);
  await copy.look();
  assert.deepEqual((await written(world))?.open, []);
  await copy.close();
});

Deno.test("SelectionCoverage says what is lost, and goes on where a person has allowed it", async () => {
  const world = new LakeWorld();
  world.insert(1, "there");
  const first = cover(world);
  await first.look();
  await first.pass(1);
  await first.look();
  await first.close();
  const from = (await written(world))!.through;
  world.insert(3, "brief");
  dropIn(world, "brief");
  world.pass(100);
  world.insert(1, "there");
  const oldest = world.oplog.operationTime;
  world.oplog.truncateBefore(oldest);
  const failing = cover(world);
  await failing.look();
  assert.deepEqual(await failing.look(), ["there"]);
  assert.deepEqual(failing.events.map(({ type }) => type), ["lost"]);
  assert.deepEqual((await written(world))?.gaps, []);
  await failing.close();
  const restarting = cover(world, { onHistoryLost: "restart" });
  await restarting.look();
  await restarting.look();
  const { gaps, through } = (await written(world))!;
  assert.deepEqual(gaps.map(({ reason: _, ...gap }) => gap), [{ from, to: oldest }]);
  assert.deepEqual(through, oldest);
  world.insert(2, "late");
  await restarting.pass(1);
  assert.deepEqual(await restarting.look(), ["late", "there"]);
  await restarting.close();
});

Deno.test("SelectionCoverage begins anew where other patterns were in force and the oplog is gone", async () => {
  const world = new LakeWorld();
  world.insert(1, "there");
  const first = cover(world);
  await first.look();
  await first.close();
  world.pass(1000);
  world.oplog.truncateBefore(world.oplog.operationTime);
  const other = cover(world, { include: ["shop.t*"] });
  await other.look();
  await other.pass(1);
  await other.look();
  await other.close();
  const back = cover(world);
  await back.look();
  await back.look();
  const { start, gaps } = (await written(world))!;
  assert.deepEqual([gaps, start], [[], positionAfterTime(world.oplog.operationTime)]);
  assert.deepEqual(back.events, []);
  await back.close();
});
