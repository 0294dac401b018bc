import assert from "node:assert/strict";
import {
  type MongoClient,
  MongoExpiredSessionError,
  MongoNotConnectedError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
  type TopologyDescription,
} from "mongodb";
import { renewLogin } from "../../../../../src/source/mongo/client/renew_login.ts";

/** A client that is known to the server as these users; `calls` is what was done to it. */
function clientOf(users: object[] | Error, options: object = { credentials: {} }) {
  const calls: string[] = [];
  let failure: Error | undefined;
  const client = {
    options,
    db: () => ({
      command: () =>
        users instanceof Error
          ? Promise.reject(users)
          : Promise.resolve({ authInfo: { authenticatedUsers: users } }),
    }),
    close: () => Promise.resolve(void calls.push("close")),
    connect() {
      calls.push("connect");
      return failure === undefined ? Promise.resolve() : Promise.reject(failure);
    },
  } as unknown as MongoClient;
  return { client, calls, failWith: (error: Error) => failure = error };
}

function refusal(code: number): MongoServerError {
  return new MongoServerError({ message: "no", code });
}

Deno.test("renewLogin logs in anew, once for all, where the server has forgotten who we are", async () => {
  const { client, calls } = clientOf([]);
  const error = refusal(13);
  const found = await Promise.all([renewLogin(client, error), renewLogin(client, error)]);
  assert.deepEqual(found, [error, error]);
  assert.deepEqual(calls, ["close", "connect"]);
});

Deno.test("renewLogin says why the new login fails, and tries it again the next time", async () => {
  const { client, calls, failWith } = clientOf(new MongoTopologyClosedError("closed"));
  const failure = refusal(18);
  failWith(failure);
  assert.equal(await renewLogin(client, new MongoNotConnectedError("no")), failure);
  assert.equal(await renewLogin(client, refusal(13)), failure);
  assert.deepEqual(calls, ["close", "connect", "close", "connect"]);
});

Deno.test("renewLogin leaves alone who is known, has no login, or met another fault", async () => {
  const known = clientOf([{ user: "reader", db: "admin" }]);
  await renewLogin(known.client, refusal(13));
  const open = clientOf([], {});
  await renewLogin(open.client, refusal(13));
  const forgotten = clientOf([]);
  await renewLogin(forgotten.client, refusal(286));
  await renewLogin(forgotten.client, new Error("no"));
  assert.deepEqual([known.calls, open.calls, forgotten.calls], [[], [], []]);
});

Deno.test("renewLogin does not ask who was refused a login whether it is known: nobody would answer", async () => {
  const asked = clientOf(new Error("asked"));
  const servers = new Map([["a:1", { address: "a:1", type: "Unknown", error: refusal(18) }]]);
  const reason = { servers } as unknown as TopologyDescription;
  const found = new MongoServerSelectionError("timed out", reason);
  for (const error of [refusal(18), found]) {
    assert.equal(await renewLogin(asked.client, error), error);
  }
  assert.deepEqual(asked.calls, ["close", "connect", "close", "connect"]);
});

Deno.test("renewLogin knows whose session ended by another's new login", async () => {
  const { client, calls, failWith } = clientOf([]);
  const failure = refusal(18);
  failWith(failure);
  assert.equal(await renewLogin(client, new MongoExpiredSessionError()), failure);
  assert.deepEqual(calls, ["close", "connect"]);
});
