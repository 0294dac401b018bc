import assert from "node:assert/strict";
import { runFake } from "../../support/fake_host.ts";
import { type FleetFolder, fleetFolder } from "../../support/fleet_folder.ts";
import { withInstance } from "../../support/instance_server.ts";

const TOKEN = "correct-horse";
const STREAM = "collection:shop.orders";
const ORDERS_KEY = "collection.shop.orders";

/** Two streams, of which an instance runs the first. */
async function withFleet(use: (place: FleetFolder) => Promise<void>): Promise<void> {
  await using place = await fleetFolder();
  const streams = ["collection.shop.orders", "collection.shop.items"];
  const since = "2026-11-21T00:00:00.000Z";
  const who = { owner: "host-1-abc", instance: "app-1", since };
  await place.fleet.members.announce(
    { ...who, version: "0.1.0", streams, failed: 0, isLeaving: false },
    3_600_000,
  );
  await place.fleet.leases.take(streams[0]!, who, 3_600_000);
  await use(place);
}

Deno.test("streamOrder leaves an order where instances meet, and needs no token for it", async () => {
  await withFleet(async (place) => {
    const { orders } = place.fleet;
    const said = async (line: string) => {
      const { code, stdout, stderr } = await runFake(line, place);
      return `${code} ${stdout}${stderr}`;
    };
    assert.equal(await said("pause shop.items"), "0 collection:shop.items is paused\n");
    assert.deepEqual([...await orders.paused()], ["collection.shop.items"]);
    assert.equal(
      await said("resume collection:shop.items"),
      "0 collection:shop.items is read again\n",
    );
    assert.deepEqual([...await orders.paused()], []);
    assert.equal(await said("flush shop.orders"), "0 collection:shop.orders is being stored\n");
    assert.deepEqual(await orders.takeFlushes([ORDERS_KEY]), [ORDERS_KEY]);
  });
});

Deno.test("streamOrder names the streams there are, and refuses to flush what nobody reads", async () => {
  await withFleet(async (place) => {
    const unknown = await runFake("pause shop.odrers", place);
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /no stream "shop\.odrers"\. There are: collection:shop\.items, /);
    const free = await runFake("flush shop.items", place);
    assert.deepEqual([free.code, free.stdout], [1, ""]);
    assert.match(free.stderr, /Nobody reads collection:shop\.items now/);
    assert.deepEqual([...await place.fleet.orders.paused()], []);
  });
});

Deno.test("streamOrder asks one instance where its address is given, and says all that is wrong", async () => {
  await withFleet(async (place) => {
    await withInstance({ token: TOKEN }, async ({ port, orders }) => {
      const env = { ...place.env, HTTP_TOKEN: TOKEN };
      const { code } = await runFake(`pause ${STREAM} --url http://127.0.0.1:${port}`, { env });
      assert.deepEqual([code, orders], [0, [`pause ${STREAM}`]]);
      // Which one is meant was said, whatever is wrong with the rest.
      const faulty = { env: { ...env, BATCH_SIZE: "many" } };
      const given = await runFake(`pause ${STREAM} --url http://127.0.0.1:${port}`, faulty);
      assert.deepEqual([given.code, orders.length], [0, 2]);
      assert.match(given.stderr, /BATCH_SIZE/);
    });
    const { code, stderr } = await runFake("pause x", { env: { STATE_STORE: "rubbish" } });
    assert.equal(code, 2);
    assert.match(stderr, /STATE_STORE/);
  });
});

Deno.test("streamOrder gives each order to the instance with the token", async () => {
  await withInstance({ token: TOKEN }, async ({ port, orders }) => {
    const env = { HTTP_TOKEN: TOKEN, HTTP_ADDRESS: `127.0.0.1:${port}` };
    const outcomes = [];
    for (const verb of ["pause", "resume", "flush"]) {
      outcomes.push(await runFake(`${verb} ${STREAM}`, { env }));
    }
    assert.deepEqual(outcomes.map(({ code, stdout }) => [code, stdout]), [
      [0, `${STREAM} is paused\n`],
      [0, `${STREAM} is read again\n`],
      [0, `${STREAM} is being stored\n`],
    ]);
    assert.deepEqual(orders, ["pause", "resume", "flush"].map((verb) => `${verb} ${STREAM}`));
  });
});

Deno.test("streamOrder says why an instance does not take an order", async () => {
  for (
    const [outcome, expected] of [["unknown", /no stream/], ["unread", /Nobody reads/]] as const
  ) {
    await withInstance({ token: TOKEN, outcome }, async ({ port }) => {
      const line = `pause ${STREAM} --url http://127.0.0.1:${port}`;
      const { code, stderr } = await runFake(line, { env: { HTTP_TOKEN: TOKEN } });
      assert.equal(code, 1);
      assert.match(stderr, expected);
    });
  }
});

Deno.test("streamOrder needs the token, and the right one", async () => {
  await withInstance({ token: TOKEN }, async ({ port, orders }) => {
    const line = `pause ${STREAM} --url http://127.0.0.1:${port}`;
    const none = await runFake(line);
    assert.equal(none.code, 2);
    assert.match(none.stderr, /^HTTP_TOKEN is not set/);
    const wrong = await runFake(line, { env: { HTTP_TOKEN: "wrong-horse" } });
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /another HTTP_TOKEN/);
    assert.deepEqual(orders, []);
  });
});

Deno.test("streamOrder does not give the token to a server that cannot prove who it is", async () => {
  const pem = new URL("../../support/tls/server.pem", import.meta.url).pathname;
  const tls = { certPath: pem, keyPath: pem };
  await withInstance({ tls, token: TOKEN }, async ({ port, orders }) => {
    const line = `pause ${STREAM} --url https://127.0.0.1:${port}`;
    const { code, stderr } = await runFake(line, { env: { HTTP_TOKEN: TOKEN } });
    assert.equal(code, 1);
    assert.match(stderr, /^Cannot reach an instance at https/);
    assert.deepEqual(orders, []);
  });
});
