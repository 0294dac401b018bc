import assert from "node:assert/strict";
import { createFileChanges } from "../../../../src/coordinate/file/file_changes.ts";
import { createFileOrders } from "../../../../src/coordinate/file/file_orders.ts";
import { FLUSH_MS } from "../../../../src/coordinate/orders.ts";
import { systemRandom } from "../../../../src/support/random.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

Deno.test("createFileOrders writes readable files, and forgets a flush that nobody took", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const clock = new VirtualClock();
    const changes = createFileChanges(folder, systemRandom);
    const orders = createFileOrders(folder, { clock, random: systemRandom, changes });
    await orders.pause("collection.shop.orders");
    const file = `${folder}/paused/collection.shop.orders`;
    assert.equal(await Deno.readTextFile(file), "collection.shop.orders\n");
    await Deno.writeTextFile(`${folder}/paused/cut-off`, "");
    assert.deepEqual([...await orders.paused()], ["collection.shop.orders"]);
    await orders.flush("a");
    await clock.advance(FLUSH_MS - 1);
    await orders.flush("b");
    await Deno.writeTextFile(`${folder}/flushes/cut-off`, "c");
    await clock.advance(1);
    assert.deepEqual(await orders.takeFlushes(["a", "b", "c"]), ["b"]);
    assert.deepEqual([...Deno.readDirSync(`${folder}/flushes`)], []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
