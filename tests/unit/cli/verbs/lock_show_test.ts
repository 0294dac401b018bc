import assert from "node:assert/strict";
import { runFake } from "../../../support/fake_host.ts";
import { fleetFolder } from "../../../support/fleet_folder.ts";
import { withInstance } from "../../../support/instance_server.ts";
import { ORDERS, readingEvents } from "../../../support/monitor.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const HOLDER = { owner: "host-1-abc", instance: "app-1", since: "2026-11-21T00:00:00.000Z" };

Deno.test("lock show lists who holds what", async () => {
  await using place = await fleetFolder();
  await place.fleet.leases.take("collection.shop.orders.e1.2of4", HOLDER, 3_600_000);
  await place.fleet.leases.take("nightly", HOLDER, 90_000);
  const { code, stdout, stderr } = await runFake("lock show", place);
  assert.deepEqual([code, stderr], [0, ""]);
  const [head, orders, nightly] = stdout.split("\n");
  assert.match(head!, /^LEASE +INSTANCE +GENERATION +LEFT +SINCE +OWNER$/);
  assert.match(
    orders!,
    /^collection:shop\.orders 2\/4 +app-1 +1 +59m \d\ds +2026-11-21T00:00:00\.000Z +host-1-abc$/,
  );
  assert.match(nightly!, /^nightly +app-1 +1 +1m [0-3]\ds/);
});

Deno.test("lock show prints JSON", async () => {
  await using place = await fleetFolder();
  await place.fleet.leases.take("database.shop", HOLDER, 3_600_000);
  const { stdout } = await runFake("lock show --json", place);
  const [{ leftMs, ...lease }] = JSON.parse(stdout);
  assert(leftMs > 3_000_000 && leftMs <= 3_600_000);
  const named = { key: "database.shop", name: "database:shop", generation: 1 };
  assert.deepEqual(lease, { ...named, ...HOLDER });
});

Deno.test("lock show says when nobody holds anything", async () => {
  await using place = await fleetFolder();
  assert.equal((await runFake("lock show", place)).stdout, "Nobody holds a lease.\n");
});

Deno.test("lock show asks the instance on this machine where nothing is shared", async () => {
  await withInstance({}, async ({ port, monitor }) => {
    for (const event of readingEvents(new VirtualClock())) monitor.pipelineEvent(ORDERS, event);
    const env = { HTTP_ADDRESS: `127.0.0.1:${port}` };
    const { code, stdout } = await runFake("lock show", { env });
    assert.equal(code, 0);
    assert.match(stdout, /^collection:shop\.orders +host-1 +3 +- +- +host-1-5f0e$/m);
    const json = await runFake("lock show --json", { env });
    assert.deepEqual(JSON.parse(json.stdout), [{
      ...{ key: ORDERS.key, name: ORDERS.name, owner: "host-1-5f0e", instance: "host-1" },
      ...{ generation: 3, since: null, leftMs: null },
    }]);
  });
  const { code, stderr } = await runFake("lock show", { env: { HTTP_ADDRESS: "127.0.0.1:9" } });
  assert.equal(code, 1);
  assert.match(stderr, /^Cannot reach an instance at http:\/\/127\.0\.0\.1:9: /);
});

Deno.test("lock show names a Redis that does not answer, without the password", async () => {
  const env = { DESTINATION: "s3://lake/raw", REDIS_URL: "redis://:secret-word@127.0.0.1:1" };
  const { code, stderr } = await runFake("lock show", { env });
  assert.equal(code, 3);
  assert.match(stderr, /redis:\/\/127\.0\.0\.1:1/);
  assert.doesNotMatch(stderr, /secret-word/);
});

Deno.test("lock show does not say that nobody holds a lease where the instance cannot know", async () => {
  await withInstance({}, async ({ port, monitor }) => {
    monitor.coordinateEvent({ type: "store-away", reason: "connection refused" });
    const env = { HTTP_ADDRESS: `127.0.0.1:${port}` };
    const { code, stdout, stderr } = await runFake("lock show", { env });
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /^It is not known who holds a lease: [^\n]*connection refused\.\n$/);
    for (const event of readingEvents(new VirtualClock())) monitor.pipelineEvent(ORDERS, event);
    const some = await runFake("lock show", { env });
    assert.equal(some.code, 1);
    assert.match(some.stdout, /^collection:shop\.orders +host-1 +3 /m);
    assert.match(some.stderr, /^It is not known who holds other leases: /);
  });
});

Deno.test("lock show asks the instance here while Redis does not answer", async () => {
  await withInstance({}, async ({ port, monitor }) => {
    for (const event of readingEvents(new VirtualClock())) monitor.pipelineEvent(ORDERS, event);
    const env = {
      HTTP_ADDRESS: `127.0.0.1:${port}`,
      DESTINATION: "s3://lake/shop",
      REDIS_URL: "redis://127.0.0.1:1",
    };
    const { code, stdout, stderr } = await runFake("lock show", { env });
    assert.deepEqual([code, stdout], [3, ""]);
    assert.match(stderr, /^tributary: Cannot [^\n]*127\.0\.0\.1:1/);
    assert.match(stderr, /`tributary lock show --url http:\S+` shows what the instance there has/);
  });
});
