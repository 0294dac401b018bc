import assert from "node:assert/strict";
import { createObjectCoverage } from "../../../../src/journal/object_coverage.ts";
import { type Coverage, selectionKey } from "../../../../src/model/coverage.ts";
import { type Position, positionAt } from "../../../../src/model/position.ts";
import {
  beginCoverage,
  type BeginCoverageOptions,
  isWantedKey,
} from "../../../../src/pipeline/collections/begin_coverage.ts";
import { runStreamOf } from "../../../support/covered_lake.ts";
import { LakeWorld, OPLOG_SECONDS_FIRST } from "../../../support/lake_world.ts";

const FILTER = { include: ["shop.*"], exclude: ["shop.tmp*"] };

function optionsOf(world: LakeWorld, start: Position): BeginCoverageOptions {
  const { journal, clock, destination } = world;
  const startPosition = () => Promise.resolve(start);
  return { filter: FILTER, journal, clock, log: createObjectCoverage(destination), startPosition };
}

Deno.test("beginCoverage fixes the start once, for whoever asks", async () => {
  const world = new LakeWorld();
  const first = await beginCoverage(optionsOf(world, positionAt({ t: 50, i: 1 })));
  assert.deepEqual([first.seq, first.through, first.before], [0, { t: 50, i: 1 }, []]);
  const second = await beginCoverage(optionsOf(world, positionAt({ t: 99, i: 1 })));
  assert.deepEqual(second, first);
});

Deno.test("beginCoverage takes over what other patterns covered, and what they left open", async () => {
  const world = new LakeWorld();
  const options = optionsOf(world, positionAt({ t: 99, i: 1 }));
  const time = { t: 70, i: 3 };
  const other: Coverage = {
    ...{ seq: 0, filter: { include: ["shop.a*"], exclude: [] }, start: positionAt(time) },
    ...{ through: time, before: [], gaps: [], writtenAt: "" },
    open: ["a1", "tmp_1"].map((collection) => ({ database: "shop", collection, time })),
  };
  await options.log.append(selectionKey(other.filter), other);
  const begun = await beginCoverage(options);
  assert.deepEqual(begun.before, [{ filter: other.filter, from: time }]);
  assert.deepEqual(begun.open, [{ database: "shop", collection: "a1", time }]);
});

Deno.test("beginCoverage looks back from the newest journal where nothing was covered before", async () => {
  const world = new LakeWorld();
  world.pass(1000);
  world.insert(3, "orders");
  await runStreamOf(world, "orders");
  const { before } = await beginCoverage(optionsOf(world, positionAt(world.oplog.operationTime)));
  assert.deepEqual(before, [{ filter: FILTER, from: { t: OPLOG_SECONDS_FIRST + 400, i: 1 } }]);
});

Deno.test("isWantedKey reads names out of keys", () => {
  assert.equal(isWantedKey("collection.shop.orders.e1.2of3", FILTER), true);
  assert.equal(isWantedKey("collection.shop.tmp%2E1", FILTER), false);
  assert.equal(isWantedKey("collection.crm.orders", FILTER), false);
  assert.equal(isWantedKey("database.shop", FILTER), false);
});
