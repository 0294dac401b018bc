import assert from "node:assert/strict";
import { createFileFleet } from "../../../../src/coordinate/file/file_fleet.ts";
import { systemRandom } from "../../../../src/support/random.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

Deno.test("createFileFleet keeps each part in its place below the folder", async () => {
  const root = await Deno.makeTempDir();
  try {
    const fleet = createFileFleet(`${root}/fleet`, new VirtualClock(), systemRandom);
    assert.equal(await fleet.changes(), "");
    await fleet.leases.take("s", { owner: "a", instance: "a", since: "t" }, 1000);
    await fleet.news.tell({ owner: "a", streams: [] }, 1000);
    await fleet.orders.pause("s");
    assert.notEqual(await fleet.changes(), "");
    const names = [...Deno.readDirSync(`${root}/fleet`)].map(({ name }) => name).sort();
    assert.deepEqual(names, ["changes", "leases", "news", "orders"]);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
