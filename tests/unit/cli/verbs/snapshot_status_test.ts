import assert from "node:assert/strict";
import { createObjectSnapshots } from "../../../../src/journal/object_snapshots.ts";
import { createFolderObjects } from "../../../../src/coordinate/objects/folder_objects.ts";
import { createObjectFleet } from "../../../../src/coordinate/objects/object_fleet.ts";
import { POLL_OFTEN } from "../../../../src/coordinate/fleet.ts";
import { systemClock } from "../../../../src/support/clock.ts";
import { systemRandom } from "../../../../src/support/random.ts";
import { NEVER_OLD } from "../../../support/fleets.ts";
import { runFake } from "../../../support/fake_host.ts";
import { layIntoFolder } from "../../../support/lake_folder.ts";
import { RangeWorld } from "../../../support/range_world.ts";

const ID = "collection.shop.orders.initial";

/** A snapshot that is read in part; where its instances meet. */
async function scene() {
  const range = new RangeWorld(200);
  const files = createObjectSnapshots(range.world.destination);
  await files.putPlan(range.plan);
  const copy = range.copy();
  copy.stored = () => copy.stop.abort();
  await copy.run();
  const lake = await layIntoFolder(range.world);
  const env = { DESTINATION: lake.url, PIPELINE_NAME: "orders", LEASES: "destination" };
  const shared = `${lake.path}/_tributary/fleet/orders`;
  const objects = createFolderObjects(shared, systemClock, systemRandom);
  const fleet = createObjectFleet({
    ...{ objects, timing: NEVER_OLD, poll: POLL_OFTEN },
    ...{ clock: systemClock, random: systemRandom },
  });
  const said = async (line: string) => {
    const { code, stdout, stderr } = await runFake(line, { env });
    return `${code} ${stdout}${stderr}`;
  };
  return { ...lake, env, orders: fleet.orders, said, range };
}

Deno.test("snapshot verbs show, pause, resume and cancel a snapshot, where the lake and its instances are", async () => {
  await using place = await scene();
  const { said, orders } = place;
  assert.match(
    await said("snapshot status"),
    /^0 SNAPSHOT +STATE[^\n]*\nshop\.orders initial +running +\d+% +\d+ +200 +\d\S* KiB/,
  );
  const [shown] = JSON.parse((await runFake("snapshot status --json", place)).stdout);
  const rows = (await place.range.rows()).length;
  assert.deepEqual([shown.documentsRead, shown.share], [rows, rows / 200]);
  assert.equal(await said("snapshot pause shop.orders"), `0 The snapshot ${ID} is paused\n`);
  assert.deepEqual([...await orders.paused()], [`snapshot.${ID}`]);
  assert.match(await said("snapshot status shop.orders"), /shop\.orders initial +paused/);
  assert.equal(await said("snapshot resume shop.orders"), `0 The snapshot ${ID} is read again\n`);
  assert.deepEqual([...await orders.paused()], []);
  // It waits with its stream.
  await orders.pause("collection.shop.orders");
  assert.match(await said("snapshot status"), / paused /);
  assert.match(await said("snapshot cancel shop.orders"), /^0 The snapshot \S+ is cancelled: /);
  assert.match(await said("snapshot status"), / cancelling /);
});

Deno.test("snapshot verbs say where there is none", async () => {
  await using place = await scene();
  const { said } = place;
  assert.match(
    await said("snapshot status shop.items"),
    /^1 tributary: There is no snapshot of shop\.items below file:\S+; `tributary snapshot status`/,
  );
  for (const verb of ["pause", "resume", "cancel"]) {
    assert.match(
      await said(`snapshot ${verb} shop.items`),
      /^1 tributary: There is no snapshot of shop\.items under way; `tributary snapshot status`/,
    );
  }
  await using empty = await layIntoFolder(new RangeWorld().world);
  const { code, stderr } = await runFake("snapshot status", { env: { DESTINATION: empty.url } });
  assert.equal(code, 1);
  assert.match(
    stderr,
    /no snapshot in this lake; what was empty needs none, and `tributary snapshot start` makes one/,
  );
});
