import assert from "node:assert/strict";
import { runFake } from "../../../support/fake_host.ts";
import { fleetFolder } from "../../../support/fleet_folder.ts";

const HOLDER = { owner: "host-1-abc", instance: "app-1", since: "" };
const LONG_MS = 3_600_000;

Deno.test("lock release ends a lease by its name or its key", async () => {
  for (const word of ["shop.orders", "collection.shop.orders"]) {
    await using place = await fleetFolder();
    await place.fleet.leases.take("collection.shop.orders", HOLDER, LONG_MS);
    const { code, stdout } = await runFake(`lock release ${word}`, place);
    assert.equal(code, 0);
    assert.equal(stdout, "Released collection:shop.orders, which app-1 held.\n");
    assert.deepEqual(await place.fleet.leases.list(), []);
  }
});

Deno.test("lock release leaves several leases alone that one word stands for", async () => {
  await using place = await fleetFolder();
  for (const key of ["collection.shop.orders.e1.1of2", "collection.shop.orders.e1.2of2"]) {
    await place.fleet.leases.take(key, HOLDER, LONG_MS);
  }
  const { code, stderr } = await runFake("lock release shop.orders", place);
  assert.equal(code, 2);
  assert.match(stderr, /collection:shop\.orders 1\/2, collection:shop\.orders 2\/2/);
  assert.equal((await place.fleet.leases.list()).length, 2);
});

Deno.test("lock release says when nobody holds the lease", async () => {
  await using place = await fleetFolder();
  const { code, stderr } = await runFake("lock release nightly", place);
  assert.deepEqual([code, stderr], [1, 'tributary: Nobody holds the lease "nightly"\n']);
});
