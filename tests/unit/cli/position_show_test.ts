import assert from "node:assert/strict";
import { runFake } from "../../support/fake_host.ts";
import { layIntoFolder } from "../../support/lake_folder.ts";
import { LakeWorld } from "../../support/lake_world.ts";

Deno.test("position show tells where streams stand, as text and as JSON", async () => {
  const world = await filledWorld();
  const { to, owner } = (await world.records()).at(-1)!;
  await using lake = await layIntoFolder(world);
  const env = { DESTINATION: lake.url };
  const { code, stdout, stderr } = await runFake("position show", { env });
  assert.deepEqual([code, stderr], [0, ""]);
  const lines = stdout.split("\n");
  assert.equal(lines[0], "collection:shop.orders");
  assert.match(lines[1]!, /^ {2}position {2}2026-.*Z \(\d+\.\d+\)$/);
  assert.equal(lines[2], `  token     ${to.data}`);
  assert.match(lines[3]!, /^ {2}records {3}3, the last is heartbeat; all is stored$/);
  assert(lines[4]!.endsWith(`by ${owner}`));
  const json = await runFake("position show shop.orders --json", { env });
  const [report] = JSON.parse(json.stdout);
  assert.equal(report.position.token, to.data);
  assert.deepEqual([report.seq, report.state, report.storedThrough], [2, "open", 2]);
});

Deno.test("position show ends with 1 where there is no such stream, and with 2 without a destination", async () => {
  await using lake = await layIntoFolder(await filledWorld());
  const env = { DESTINATION: lake.url };
  const { code, stderr } = await runFake("position show shop.items", { env });
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^tributary: There is no shop\.items below file:[^;]*; `tributary position show`/,
  );
  assert.equal((await runFake("position show")).code, 2);
});

async function filledWorld(): Promise<LakeWorld> {
  const world = new LakeWorld();
  world.insert(3);
  await world.instance().runToEnd();
  return world;
}
