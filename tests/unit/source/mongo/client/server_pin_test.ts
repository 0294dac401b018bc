import assert from "node:assert/strict";
import { type MongoClient, ReadPreference, Timestamp } from "mongodb";
import { systemRandom } from "../../../../../src/support/random.ts";
import { directUri, ServerPin } from "../../../../../src/source/mongo/client/server_pin.ts";
import { fakeClient } from "../../fake_client.ts";

const never = new AbortController().signal;
const OPTIONS = { uri: "mongodb://a:1,b:2/" };

Deno.test("directUri names one server, and keeps user, database and options", () => {
  const table: [string, string][] = [
    [
      "mongodb://a:1,b:2/?replicaSet=rs0",
      "mongodb://h:9/?replicaSet=rs0&directConnection=true&tls=false",
    ],
    [
      "mongodb://u:p%40s@a,b/shop?tls=true&readPreference=secondary",
      "mongodb://u:p%40s@h:9/shop?tls=true&readPreference=secondary&directConnection=true",
    ],
    ["mongodb://a", "mongodb://h:9/?directConnection=true&tls=false"],
    ["mongodb://a?ssl=true", "mongodb://h:9/?ssl=true&directConnection=true"],
    [
      "mongodb://a,b/?directConnection=false",
      "mongodb://h:9/?directConnection=true&tls=false",
    ],
  ];
  for (const [uri, expected] of table) assert.equal(directUri(uri, "h:9", false), expected);
  const srv = directUri("mongodb+srv://u:p@cluster.example.net/?srvMaxHosts=2", "h:9", true);
  assert.equal(srv, "mongodb://u:p@h:9/?directConnection=true&tls=true");
});

Deno.test("ServerPin keeps the client where the driver has one server to choose", async () => {
  for (const [type, greeting] of [["ReplicaSetWithPrimary", member()], ["Single", router()]]) {
    const { client, announce } = clientThatAnnounces(greeting as object);
    const pin = new ServerPin(client, OPTIONS, systemRandom);
    announce(type as string, ["a:1"]);
    assert.equal(await pin.clientForCursor(never), client);
  }
});

Deno.test("ServerPin keeps the client where there is one router", async () => {
  const { client, announce } = clientThatAnnounces(router());
  const pin = new ServerPin(client, OPTIONS, systemRandom);
  announce("Sharded", ["a:1"]);
  assert.equal(await pin.clientForCursor(never), client);
});

Deno.test("ServerPin chooses one of several routers by chance, and keeps one client for each", async () => {
  const { client, announce } = clientThatAnnounces(router());
  let fraction = 0;
  const pin = new ServerPin(client, OPTIONS, { ...systemRandom, fraction: () => fraction });
  announce("Sharded", ["a:1", "b:2"]);
  const first = await pin.clientForCursor(never);
  assert.deepEqual(first.options.hosts.map(String), ["a:1"]);
  assert.equal(first.options.directConnection, true);
  assert.equal(await pin.clientForCursor(never), first);
  fraction = 0.9;
  const second = await pin.clientForCursor(never);
  assert.deepEqual(second.options.hosts.map(String), ["b:2"]);
  await pin.close();
});

Deno.test("ServerPin stays with the member that answered where others than the primary may", async () => {
  const { client, announce } = clientThatAnnounces(member(), ReadPreference.secondary);
  const pin = new ServerPin(client, OPTIONS, systemRandom);
  announce("ReplicaSetWithPrimary", ["a:1", "b:2"]);
  const pinned = await pin.clientForCursor(never);
  assert.deepEqual(pinned.options.hosts.map(String), ["b:2"]);
  await pin.close();
});

function member(): object {
  return { setName: "rs0", me: "b:2", operationTime: new Timestamp({ t: 1, i: 1 }) };
}

function router(): object {
  return { msg: "isdbgrid", operationTime: new Timestamp({ t: 1, i: 1 }) };
}

/** A client that tells its listener which servers there are. */
function clientThatAnnounces(greeting: object, readPreference?: ReadPreference) {
  const { client } = fakeClient(() => greeting, readPreference);
  let listener: (event: unknown) => void = () => {};
  Object.assign(client, { on: (_: string, given: typeof listener) => listener = given });
  const announce = (type: string, addresses: string[]) => {
    const servers = new Map(addresses.map((address) => [address, { address, type: "Mongos" }]));
    listener({ newDescription: { type, servers } });
  };
  return { client: client as MongoClient, announce };
}
