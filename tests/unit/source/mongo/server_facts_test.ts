import assert from "node:assert/strict";
import { type Document, ObjectId, Timestamp } from "mongodb";
import { PermanentError, TransientError } from "../../../../src/model/errors.ts";
import {
  describeServer,
  greet,
  ifPermitted,
  newestOplogEntry,
  oldestOplogEntry,
} from "../../../../src/source/mongo/server_facts.ts";
import { fakeClient, serverError } from "../fake_client.ts";

const ID = "0123456789abcdef01234567";
const time = (t: number, i: number) => new Timestamp({ t, i });

/** A member of a replica set whose user may do everything that is not in `refused`. */
function member(...refused: string[]) {
  return fakeClient((command: Document) => {
    const name = Object.keys(command)[0]!;
    if (refused.includes(name)) throw serverError(13);
    switch (name) {
      case "hello":
        return { setName: "rs0", me: "db:1", operationTime: time(9, 2), secondary: false };
      case "buildInfo":
        return { version: "6.0.5" };
      case "replSetGetConfig":
        return { config: { settings: { replicaSetId: new ObjectId(ID) } } };
      default:
        return { cursor: { firstBatch: [{ ts: time(5, command["sort"].$natural + 1) }] } };
    }
  });
}

/** A router; `local` is not there. */
function router() {
  return fakeClient((command: Document) => {
    const name = Object.keys(command)[0]!;
    if (name === "hello") {
      return {
        msg: "isdbgrid",
        operationTime: time(3, 1),
        $clusterTime: { clusterTime: time(9, 9) },
      };
    }
    if (name === "buildInfo") return { version: "7.0.1" };
    assert.equal(command["find"], "version");
    return { cursor: { firstBatch: [{ clusterId: new ObjectId(ID) }] } };
  });
}

Deno.test("describeServer tells a member's replica set, times and version", async () => {
  assert.deepEqual(await describeServer(member().client), {
    identity: { replicaSetId: ID, setName: "rs0" },
    operationTime: { t: 9, i: 2 },
    oldestOplogTime: { t: 5, i: 2 },
    version: "6.0.5",
  });
});

Deno.test("describeServer tells of an oplog from which nothing has ever fallen out", async () => {
  const { client } = fakeClient((command: Document) => {
    const set = { setName: "rs0", operationTime: time(9, 2) };
    const firstBatch = [{ ts: time(5, 1), op: "n", o: { msg: "initiating set" } }];
    return "find" in command ? { cursor: { firstBatch } } : { ...set, version: "8.0.1" };
  });
  assert.equal((await describeServer(client)).isOplogWhole, true);
  assert.equal((await describeServer(member().client)).isOplogWhole, undefined);
});

Deno.test("describeServer leaves out what the user may not ask for", async () => {
  assert.deepEqual(await describeServer(member("replSetGetConfig", "find").client), {
    identity: { setName: "rs0" },
    operationTime: { t: 9, i: 2 },
    version: "6.0.5",
  });
});

Deno.test("describeServer takes a router's time from the cluster, and has no oplog", async () => {
  assert.deepEqual(await describeServer(router().client), {
    identity: { clusterId: ID },
    operationTime: { t: 9, i: 9 },
    version: "7.0.1",
  });
});

Deno.test("greet refuses a standalone server, and one without operation time", async () => {
  const standalone = fakeClient(() => ({ isWritablePrimary: true })).client;
  await assert.rejects(greet(standalone), PermanentError);
  await assert.rejects(greet(standalone), /need a replica set/);
  const other = fakeClient(() => ({ setName: "rs0", isWritablePrimary: true })).client;
  await assert.rejects(greet(other), /no operation time/);
});

Deno.test("greet waits for a member that starts or recovers, which tells no time yet", async () => {
  const starting = fakeClient(() => ({ setName: "rs0", secondary: false })).client;
  await assert.rejects(greet(starting), (error: unknown) => {
    assert.ok(error instanceof TransientError);
    assert.match(error.message, /that answers is starting or recovering/);
    return true;
  });
});

Deno.test("greet waits for a server that told its time before, and starts anew", async () => {
  let hello: Document = { setName: "rs0", secondary: true, operationTime: time(9, 2) };
  const { client } = fakeClient(() => hello);
  await greet(client);
  // A secondary may know no time yet, and before it has read its configuration it does not know its set.
  for (const answer of [{ setName: "rs0", secondary: true }, { secondary: false }]) {
    hello = answer;
    await assert.rejects(greet(client), TransientError);
  }
});

Deno.test("greet passes the signal and the read preference on", async () => {
  const { client, sent } = member();
  const { signal } = new AbortController();
  const greeting = await greet(client, signal);
  assert.equal(greeting.me, "db:1");
  assert.equal(greeting.isSecondary, false);
  assert.equal(sent[0]!.options["signal"], signal);
  assert.equal(sent[0]!.options["readPreference"], client.readPreference);
});

Deno.test("oldestOplogEntry and newestOplogEntry read the two ends", async () => {
  const { client } = member();
  const oldest = await oldestOplogEntry(client);
  assert.deepEqual(oldest, { time: { t: 5, i: 2 }, isFirstEver: false });
  assert.deepEqual((await newestOplogEntry(client))?.time, { t: 5, i: 0 });
  const first = fakeClient(() => ({
    cursor: { firstBatch: [{ ts: time(1, 1), op: "n", o: { msg: "initiating set" } }] },
  }));
  assert.equal((await oldestOplogEntry(first.client))?.isFirstEver, true);
  const empty = fakeClient(() => ({ cursor: { firstBatch: [] } }));
  assert.equal(await oldestOplogEntry(empty.client), undefined);
});

Deno.test("ifPermitted hides missing rights and nothing else", async () => {
  assert.equal(await ifPermitted(Promise.resolve(1)), 1);
  assert.equal(await ifPermitted(Promise.reject(serverError(13))), undefined);
  assert.equal(await ifPermitted(Promise.reject(serverError(8000))), undefined);
  await assert.rejects(ifPermitted(Promise.reject(serverError(189))));
});

Deno.test("describeServer refuses services that only look like MongoDB, by their host names", async () => {
  for (
    const [host, name] of [
      ["shop.cluster-abc.eu-west-1.docdb.amazonaws.com", /Amazon DocumentDB is not supported/],
      ["shop.mongo.cosmos.azure.com", /Azure Cosmos DB is not supported/],
    ] as const
  ) {
    const { client, sent } = member();
    Object.assign(client.options, { hosts: [{ host, port: 27017 }] });
    await assert.rejects(describeServer(client), (error) => {
      assert.ok(error instanceof PermanentError);
      assert.match(error.message, name);
      return true;
    });
    assert.equal(sent.length, 0);
  }
});
