import assert from "node:assert/strict";
import { MemoryDestination } from "../../../../src/destination/memory_destination.ts";
import { createObjectSnapshots } from "../../../../src/journal/object_snapshots.ts";
import { announceSnapshots } from "../../../../src/pipeline/snapshot/announce.ts";
import { ORDERS } from "../../../support/lake_world.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const SERVER = { identity: { setName: "rs0" }, operationTime: { t: 1, i: 1 }, version: "6.0.5" };

Deno.test("a snapshot is announced once", async () => {
  const files = createObjectSnapshots(new MemoryDestination());
  const announcer = announceSnapshots(files, new VirtualClock());
  await announcer.initial(ORDERS, SERVER);
  await announcer.initial(ORDERS, SERVER);
  const ids = [...(await files.find()).keys()];
  assert.equal(ids.length, 1);
  assert.deepEqual((await files.readIntent(ids[0]!))?.stream, ORDERS);
});

Deno.test("where no snapshot can be taken, the stream does not begin, and its start stays open", async () => {
  const files = createObjectSnapshots(new MemoryDestination());
  const announcer = announceSnapshots(files, new VirtualClock());
  const old = { ...SERVER, version: "5.0.31" };
  await assert.rejects(
    announcer.initial(ORDERS, old),
    /SNAPSHOT=initial: it needs MongoDB 6\.0.*is 5\.0\.31; set SNAPSHOT=off/,
  );
  const sharded = { ...SERVER, identity: { clusterId: "c" } };
  await assert.rejects(announcer.initial(ORDERS, sharded), /sharded clusters/);
  assert.equal((await files.find()).size, 0);
});
