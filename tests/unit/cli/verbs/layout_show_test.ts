import assert from "node:assert/strict";
import { positionAt } from "../../../../src/model/position.ts";
import { runFake } from "../../../support/fake_host.ts";
import { layIntoFolder } from "../../../support/lake_folder.ts";
import { LakeWorld } from "../../../support/lake_world.ts";
import { operatorParts } from "../../../support/operator_parts.ts";

Deno.test("layout show tells the layouts of a collection and where its streams stand", async () => {
  const world = await filledWorld();
  const { layouts } = operatorParts(world);
  const barrier = positionAt({ t: 1795194000, i: 1 });
  await layouts.put("collection.shop.orders", { epoch: 1, of: 4, barrier });
  await layouts.putIntent("collection.shop.orders", { epoch: 2, of: 0 });
  await using lake = await layIntoFolder(world);
  const env = { DESTINATION: lake.url };
  const { code, stdout } = await runFake("layout show shop.orders", { env });
  assert.equal(code, 0);
  const lines = stdout.trimEnd().split("\n");
  assert.deepEqual(lines.slice(0, 2), [
    "collection:shop.orders",
    "  layout 0: 1 stream from its start",
  ]);
  assert.match(lines[2]!, /^ {4}collection:shop\.orders: at 2026-.*\)$/);
  assert.match(lines[3]!, /^ {2}layout 1: 4 streams from 2026-.* \(1795194000\.1\)$/);
  assert.equal(lines[4], "  next: retired, as soon as the place is fixed");
  const json = await runFake("layout show --json", { env });
  const [report] = JSON.parse(json.stdout);
  assert.deepEqual(report.epochs.map(({ of }: { of: number }) => of), [1, 4]);
  assert.equal(report.epochs[1].barrier.operationTime, "1795194000.1");
});

Deno.test("layout show ends with 1 where there is no such collection", async () => {
  await using lake = await layIntoFolder(await filledWorld());
  const { code, stderr } = await runFake("layout show shop.items", {
    env: { DESTINATION: lake.url },
  });
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^tributary: There is no shop\.items below file:[^;]*; `tributary layout show`/,
  );
});

async function filledWorld(): Promise<LakeWorld> {
  const world = new LakeWorld();
  world.insert(3);
  await world.instance().runToEnd();
  return world;
}
