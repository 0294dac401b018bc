import assert from "node:assert/strict";
import { runProgram } from "../../../../src/cli/program.ts";
import { GROUPS, VERBS } from "../../../../src/cli/verbs.ts";
import { positionAt } from "../../../../src/model/position.ts";
import { systemClock } from "../../../../src/support/clock.ts";
import { eventually } from "../../../support/eventually.ts";
import { fakeHost, runFake } from "../../../support/fake_host.ts";
import { type FleetFolder, fleetFolder } from "../../../support/fleet_folder.ts";
import { withInstance } from "../../../support/instance_server.ts";
import { ORDERS as ORDERS_SEEN, readingEvents } from "../../../support/monitor.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

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

Deno.test("status begins with a verdict, and shows streams and instances", async () => {
  await using place = await fleetFolder();
  await fill(place);
  const { code, stdout, stderr } = await runFake("status", place);
  assert.deepEqual([code, stderr], [0, ""]);
  const lines = stdout.split("\n");
  assert.match(lines[0]!, /^1 of 2 streams is held up: No instance has collection:shop\.items\.$/);
  assert.match(lines[1]!, /^Next: They are taken within seconds/);
  assert.match(stdout, /^STREAM +STATE +IN LAKE +OPLOG LEFT +INSTANCE$/m);
  assert.match(stdout, /^collection:shop\.items +free +- +- +-$/m);
  assert.match(stdout, /^collection:shop\.orders +held +2h 0\dm +- +app-1$/m);
  assert.match(stdout, /^INSTANCE +STATE +STREAMS +VERSION +UP$/m);
  assert.match(stdout, /^app-1 +running +1 +0\.1\.0 +\d+d \d+h$/m);
  assert.match(stdout, /^app-2 +leaving +0 /m);
});

Deno.test("status --wide shows all there is, positions with their time", async () => {
  await using place = await fleetFolder();
  await fill(place);
  const { stdout } = await runFake("status --wide", place);
  assert.match(stdout, /^app-2 .* 10\.0\.0\.2:8080 +host-2-def$/m);
  assert.match(
    stdout,
    /^collection:shop\.orders .* 2h 0\dm +20\S+Z \(\d+\.4\) +1 +59m \d\ds +12,345 +1$/m,
  );
});

Deno.test("status shows what an instance tells of its streams: an idle one is in the lake", async () => {
  await using place = await fleetFolder();
  await fill(place);
  const now = Math.floor(systemClock.wallMs() / 1000);
  const time = { t: now - 7, i: 1 };
  const stream = {
    ...{ condition: "running", readEvents: 1, bufferedEvents: 0 } as const,
    ...{ highWater: time, inLake: time },
  };
  await place.fleet.leases.take(
    "collection.shop.items",
    { owner: "host-1-abc", instance: "app-1", since: SINCE },
    LONG_MS,
  );
  const streams = [ORDERS, "collection.shop.items"].map((key) => ({ ...stream, key }));
  const oplog = { operationTime: time, oldestOplogTime: { t: now - 86_400, i: 1 } };
  await place.fleet.news.tell({ owner: "host-1-abc", streams, oplog }, LONG_MS);
  const { stdout } = await runFake("status", place);
  assert.match(stdout, /^All 2 streams are read and in the lake, \d+s behind\.\n/);
  assert.match(stdout, /^collection:shop\.orders +running +\d+s +2[12]h \d\dm +app-1$/m);
  const json = JSON.parse((await runFake("status --json", place)).stdout);
  const orders = json.streams.find(({ key }: { key: string }) => key === ORDERS);
  assert(orders.lakeLagSeconds < 60 && orders.positionAgeSeconds >= 7200);
  assert.deepEqual(json.causes, []);
  assert.equal(json.oplogWindowSeconds, 86_393);
});

Deno.test("status says what holds streams up, once, and what is paused", async () => {
  await using place = await fleetFolder();
  await fill(place);
  const error = { message: "Cannot write: access denied", at: SINCE };
  const stream = { condition: "waiting", readEvents: 1, bufferedEvents: 0, error } as const;
  const failed = { ...stream, key: "collection.shop.carts", condition: "failed" } as const;
  const streams = [{ ...stream, key: ORDERS }, failed];
  await place.fleet.news.tell({ owner: "host-1-abc", streams }, LONG_MS);
  await place.fleet.orders.pause("collection.shop.items");
  const { stdout } = await runFake("status", place);
  const since = SINCE.replace(".000Z", "Z");
  assert(stdout.startsWith(
    `2 of 3 streams are held up since ${since}: ` +
      "collection:shop.carts cannot go on: Cannot write: access denied.\n" +
      "Next: Do what the message says; the streams are tried again by themselves.\n",
  ));
  assert.match(stdout, /^Also: collection:shop\.items is paused\.$/m);
  assert.match(stdout, /^collection:shop\.items +paused +/m);
  assert.match(stdout, /^collection:shop\.carts +failed +/m);
  const wide = await runFake("status --wide", place);
  assert.match(wide.stdout, /^collection:shop\.orders on app-1, waiting since \S+: Cannot write/m);
});

Deno.test("status prints JSON", async () => {
  await using place = await fleetFolder();
  await fill(place);
  const { stdout } = await runFake("status --json", place);
  const { instances, streams } = JSON.parse(stdout);
  assert.deepEqual(instances.map(({ name }: { name: string }) => name), ["app-1", "app-2"]);
  const [items, orders] = streams;
  assert.deepEqual([items.position, items.lagSeconds, items.leaseMsLeft], [null, null, null]);
  assert.deepEqual([items.paused, items.condition, orders.instance], [false, "free", "app-1"]);
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

Deno.test("status says when nothing runs", async () => {
  await using place = await fleetFolder();
  const empty = await runFake("status", place);
  assert.equal(empty.stdout, "No instance is running, and no stream is known.\n");
});

Deno.test("status asks the instance on this machine where no place to meet is set", async () => {
  await withInstance({}, async ({ port, monitor }) => {
    for (const event of readingEvents(new VirtualClock())) {
      monitor.pipelineEvent(ORDERS_SEEN, event);
    }
    const env = { HTTP_ADDRESS: `127.0.0.1:${port}`, LEASES: "memory" };
    for (const more of [{}, { DESTINATION: "s3://lake/shop" }]) {
      const { code, stdout, stderr } = await runFake("status", { env: { ...env, ...more } });
      assert.deepEqual([code, stderr], [0, ""]);
      assert.match(stdout, /^collection:shop\.orders +running +10s .* host-1$/m);
    }
    const other = await runFake("status", { env: { ...env, DESTINATION: "s3://lake/crm" } });
    assert.equal(other.code, 1);
    assert.match(other.stderr, /is of the pipeline lake\/shop, not of lake\/crm\./);
    const url = `--url http://127.0.0.1:${port}`;
    const { stdout } = await runFake(`status --json ${url}`, {
      env: { REDIS_URL: "redis://gone" },
    });
    const { streams: [orders] } = JSON.parse(stdout);
    assert.deepEqual([orders.name, orders.lakeLagSeconds], ["collection:shop.orders", 10]);
  });
});

Deno.test("status asks the instance here while Redis does not answer, and says so", async () => {
  await withInstance({}, async ({ port }) => {
    const env = {
      HTTP_ADDRESS: `127.0.0.1:${port}`,
      DESTINATION: "s3://lake/shop",
      REDIS_URL: "redis://:secret-word@127.0.0.1:1",
    };
    const { code, stdout, stderr } = await runFake("status", { env });
    assert.equal(code, 0);
    assert.match(
      stderr,
      /^tributary: Cannot .*127\.0\.0\.1:1.*\nThe instance at http:\S+ says:\n$/,
    );
    assert.doesNotMatch(stderr, /secret-word/);
    assert.match(stdout, /^No stream is known yet\.\n/);
  });
});

Deno.test("status ends with 1 and one sentence where no instance answers, and shows what was saved", async () => {
  const env = { HTTP_ADDRESS: "127.0.0.1:9" };
  const { code, stdout, stderr } = await runFake("status", { env });
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /^Cannot reach an instance at http:\/\/127\.0\.0\.1:9: .*\n.*HTTP_ADDRESS/);
  await using place = await fleetFolder();
  await fill(place);
  const alone = { ...place.env, ...env, LEASES: "memory" };
  const saved = await runFake("status", { env: alone });
  assert.equal(saved.code, 0);
  assert.match(
    saved.stdout,
    /: No instance answers at http:\S+; this is what was saved last\.\nNext: Start one/,
  );
});

Deno.test("status does not take one who refuses, or another program, for nobody", async () => {
  await using place = await fleetFolder();
  await fill(place);
  const asks = (port: number) => ({
    ...{ ...place.env, HTTP_ADDRESS: `127.0.0.1:${port}`, LEASES: "memory" },
    HTTP_TOKEN: "wrong-horse",
  });
  await withInstance({ token: "correct-horse" }, async ({ port }) => {
    const { code, stdout, stderr } = await runFake("status", { env: asks(port) });
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /^The instance at http:\S+ was started with another HTTP_TOKEN .*\.\n$/);
  });
  const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
  await using server = Deno.serve(options, () => new Response("<html>hello</html>"));
  const { code, stdout, stderr } = await runFake("status", { env: asks(server.addr.port) });
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /^What answers at http:\S+ \(HTTP 200\) is no instance: [^\n]*\n$/);
});

Deno.test("status says of both that they do not answer, the place to meet and the instance here", async () => {
  const env = {
    HTTP_ADDRESS: "127.0.0.1:9",
    DESTINATION: "s3://lake/shop",
    REDIS_URL: "redis://127.0.0.1:1",
  };
  const { code, stdout, stderr } = await runFake("status", { env });
  assert.deepEqual([code, stdout], [3, ""]);
  assert.match(stderr, /^tributary: Cannot [^\n]*127\.0\.0\.1:1[^\n]*\n/);
  assert.match(
    stderr,
    /\nNo instance answers at http:\/\/127\.0\.0\.1:9 either; --url [^\n]*\.\n$/,
  );
});

Deno.test("status shows the instance here though the file is broken, and names its fault", async () => {
  await withInstance({}, async ({ port, monitor }) => {
    for (const event of readingEvents(new VirtualClock())) {
      monitor.pipelineEvent(ORDERS_SEEN, event);
    }
    const lake = (text: string) => new Map([["lake.yaml", text]]);
    const files = lake("destination: s3://lake/shop\nbatchSize: many\n");
    const env = { HTTP_ADDRESS: `127.0.0.1:${port}` };
    const shown = await runFake("status --config lake.yaml", { env, files });
    assert.equal(shown.code, 0);
    assert.match(shown.stderr, /^1 fault in the configuration:[^]*lake\.yaml:2/);
    assert.match(shown.stderr, /\nThe instance at http:\/\/127\.0\.0\.1:\d+ says:\n$/);
    assert.match(shown.stdout, /^collection:shop\.orders +running /m);
    const torn = { env, files: lake("destination: [") };
    for (const line of ["status", "lock show", "health", `status --url http://127.0.0.1:${port}`]) {
      const { code, stdout, stderr } = await runFake(`${line} --config lake.yaml`, torn);
      assert.equal(code, 0, line);
      assert.match(stderr, /lake\.yaml/);
      assert.equal(stderr.match(/fault in the configuration/g)?.length, 1, line);
      assert.notEqual(stdout, "");
    }
  });
  const files = new Map([["lake.yaml", "destination: ["]]);
  const env = { HTTP_ADDRESS: "127.0.0.1:9" };
  for (const line of ["status", "lock show"]) {
    const none = await runFake(`${line} --config lake.yaml`, { env, files });
    assert.equal(none.code, 2);
    assert.match(none.stderr, /lake\.yaml[^]*Cannot reach an instance/);
  }
});
