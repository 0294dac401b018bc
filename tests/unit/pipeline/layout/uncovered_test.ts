import assert from "node:assert/strict";
import { createObjectCoverage } from "../../../../src/journal/object_coverage.ts";
import { createObjectLayouts } from "../../../../src/journal/object_layouts.ts";
import { HistoryLostError } from "../../../../src/model/errors.ts";
import { positionAfterTime } from "../../../../src/model/position.ts";
import { type Stream, targetKey } from "../../../../src/model/stream.ts";
import { refuseUncovered } from "../../../../src/pipeline/layout/uncovered.ts";
import { cover, dropIn, NEVER, runStreamOf, shop } from "../../../support/covered_lake.ts";
import { LakeWorld } from "../../../support/lake_world.ts";
import { createMemoryNamespaces } from "../../../support/memory_namespaces.ts";

const SHOP: Stream = { level: "database", database: "shop" };

Deno.test("refuseUncovered names what began before the place, and fixes where it starts and ends", async () => {
  const { world, end, judge } = await coveredLake();
  world.insert(1, "later");
  world.pass(5);
  await assert.rejects(
    judge(),
    /`tributary layout retire collection:shop\.brief collection:shop\.young`/,
  );
  for (const name of ["brief", "young"]) {
    const target = targetKey(shop(name));
    assert.ok(await world.journal.readStart(target), name);
    const layout = await createObjectLayouts(world.destination).read(target, 1);
    assert.deepEqual([layout?.of, layout?.barrier], [0, end], name);
  }
  assert.equal(await world.journal.readStart(targetKey(shop("later"))), undefined);
});

Deno.test("refuseUncovered lets pass where all has a journal, or the stream has other events", async () => {
  const { world, judge } = await coveredLake();
  world.pass(5);
  await judge({ level: "database", database: "crm" });
  await runStreamOf(world, "young");
  await runStreamOf(world, "brief");
  await judge();
});

Deno.test("refuseUncovered heeds onHistoryLost where what began is not known any more", async () => {
  const { judge } = await coveredLake();
  const openNews = () => Promise.reject(new HistoryLostError("gone"));
  await assert.rejects(judge(SHOP, { openNews }), HistoryLostError);
  await judge(SHOP, { openNews }, "restart");
});

/** A selection is covered, and two collections have begun since; the place behind them. */
async function coveredLake() {
  const world = new LakeWorld();
  world.insert(1, "there");
  const copy = cover(world);
  await copy.look();
  await copy.pass(1);
  await copy.look();
  await copy.close();
  await runStreamOf(world, "there");
  world.insert(3, "young");
  world.insert(3, "brief");
  dropIn(world, "brief");
  const end = positionAfterTime(world.oplog.operationTime);
  world.pass(5);
  const judge = (stream = SHOP, changed = {}, onHistoryLost: "fail" | "restart" = "fail") => {
    const { context } = world.instance({ stream });
    const source = { ...createMemoryNamespaces(world.oplog, world.clock), ...changed };
    const coverage = { log: createObjectCoverage(world.destination), source };
    const options = { ...context.options, onHistoryLost };
    return world.clock.finish(refuseUncovered({ ...context, options, coverage }, end, NEVER));
  };
  return { world, end, judge };
}
