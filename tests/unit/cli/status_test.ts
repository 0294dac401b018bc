import assert from "node:assert/strict";
import { runProgram } from "../../../src/cli/program.ts";
import { GROUPS, VERBS } from "../../../src/cli/verbs.ts";
import { positionAt } from "../../../src/model/position.ts";
import { systemClock } from "../../../src/support/clock.ts";
import { eventually } from "../../support/eventually.ts";
import { fakeHost, runFake } from "../../support/fake_host.ts";
import { type FleetFolder, fleetFolder } from "../../support/fleet_folder.ts";

const LONG_MS = 3_600_000;
const SINCE = "2026-11-21T00:00:00.000Z";
const ORDERS = "collection.shop.orders";

async function fill({ fleet, state }: FleetFolder): Promise<void> {
  const member = { version: "0.1.0", since: SINCE, failed: 0, isLeaving: false };
  const streams = [ORDERS, "collection.shop.items"];
  const one = { ...member, owner: "host-1-abc", instance: "app-1", streams };
  await fleet.members.announce(one, LONG_MS);
  const two = { ...member, owner: "host-2-def", instance: "app-2", streams, isLeaving: true };
  await fleet.members.announce({ ...two, address: "10.0.0.2:8080" }, LONG_MS);
  await fleet.leases.take(
    ORDERS,
    { owner: "host-1-abc", instance: "app-1", since: SINCE },
    LONG_MS,
  );
  const seconds = Math.floor(systemClock.wallMs() / 1000) - 7200;
  await state.save(ORDERS, {
    ...{ stream: "collection:shop.orders", seq: 3, generation: 1, owner: "host-1-abc" },
    ...{ position: positionAt({ t: seconds, i: 4 }), events: 12_345, objects: 3, bytes: 99 },
    ...{ deadLetters: 1, updatedAt: SINCE },
  });
}

Deno.test("status shows instances and streams, who has what, and how far it is", async () => {
  await using place = await fleetFolder();
  await fill(place);
  const { code, stdout, stderr } = await runFake("status", place);
  assert.deepEqual([code, stderr], [0, ""]);
  const [head, one, two, blank, streamHead, items, orders] = stdout.split("\n");
  assert.match(head!, /^INSTANCE +STATE +STREAMS +VERSION +SINCE +HTTP +OWNER$/);
  assert.match(one!, /^app-1 +running +1 +0\.1\.0 +2026-11-21T00:00:00\.000Z +- +host-1-abc$/);
  assert.match(two!, /^app-2 +leaving +0 .* 10\.0\.0\.2:8080 +host-2-def$/);
  assert.equal(blank, "");
  assert.match(streamHead!, /^STREAM +INSTANCE +GENERATION +LEASE +POSITION +LAG +EVENTS/);
  assert.match(items!, /^collection:shop\.items +\(free\) +- +- +- +- +0 +0$/);
  assert.match(
    orders!,
    /^collection:shop\.orders +app-1 +1 +59m \d\ds +20\S+Z +2h 0\dm +12,345 +1$/,
  );
});

Deno.test("status shows what is paused, and what is wrong with a stream", async () => {
  await using place = await fleetFolder();
  await fill(place);
  const error = { message: "Cannot write: access denied", at: SINCE };
  const stream = { condition: "waiting", readEvents: 1, bufferedEvents: 0, error } as const;
  const failed = { ...stream, key: "collection.shop.carts", condition: "failed" } as const;
  const streams = [{ ...stream, key: ORDERS }, failed];
  await place.fleet.news.tell({ owner: "host-1-abc", streams }, LONG_MS);
  await place.fleet.orders.pause("collection.shop.items");
  const { stdout } = await runFake("status", place);
  assert.match(stdout, /^collection:shop\.items +\(paused\)/m);
  assert.match(stdout, /^collection:shop\.carts +\(failed\)/m);
  assert.ok(stdout.endsWith(
    `\n\ncollection:shop.carts, failed since ${SINCE}: Cannot write: access denied\n` +
      `collection:shop.orders on app-1, waiting since ${SINCE}: Cannot write: access denied\n`,
  ));
});

Deno.test("status prints JSON", async () => {
  await using place = await fleetFolder();
  await fill(place);
  const { stdout } = await runFake("status --json", place);
  const { instances, streams } = JSON.parse(stdout);
  assert.deepEqual(instances.map(({ name }: { name: string }) => name), ["app-1", "app-2"]);
  const [items, orders] = streams;
  assert.deepEqual([items.position, items.lagSeconds, items.leaseMsLeft], [null, null, null]);
  assert.match(orders.position, /^\d+\.4$/);
  assert(orders.lagSeconds >= 7200);
  assert.equal(orders.generation, 1);
});

Deno.test("status --watch looks again until it is interrupted", async () => {
  await using place = await fleetFolder();
  await fill(place);
  const { host, stdout } = fakeHost({ env: place.env, args: ["status", "--watch", "--json"] });
  let interrupt = () => {};
  const watching = runProgram(
    {
      ...host,
      onStopSignal: (handler) => {
        interrupt = () => handler("SIGINT");
        return () => {};
      },
    },
    VERBS,
    GROUPS,
  );
  await eventually(() => stdout.length >= 2);
  interrupt();
  assert.equal(await watching, 0);
  for (const line of stdout) assert.equal(JSON.parse(line).streams.length, 2);
});

Deno.test("status says when nothing runs, and where nothing can be seen", async () => {
  await using place = await fleetFolder();
  const empty = await runFake("status", place);
  assert.equal(empty.stdout, "No instance is running.\n\nNo stream is known.\n");
  const { code, stderr } = await runFake("status", { env: { DESTINATION: "s3://lake/raw" } });
  assert.equal(code, 2);
  assert.match(stderr, /set REDIS_URL or STATE_STORE/);
});
