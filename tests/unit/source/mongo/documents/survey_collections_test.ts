import assert from "node:assert/strict";
import { Binary, BSON, type Document, Long, Timestamp } from "mongodb";
import { PermanentError } from "../../../../../src/model/errors.ts";
import {
  divideCollection,
  surveyCollections,
} from "../../../../../src/source/mongo/documents/survey_collections.ts";
import { fakeClient, serverError } from "../../fake_client.ts";

const NEVER = new AbortController().signal;
const ALL = { include: [], exclude: ["shop.hidden"] };
const SHOP = { level: "database", database: "shop" } as const;

function server(command: Document): unknown {
  if (command["hello"]) {
    return { setName: "rs0", secondary: false, operationTime: new Timestamp({ t: 7, i: 1 }) };
  }
  if (command["count"]) return { n: 4 };
  const uuid = new Binary(new Uint8Array(16).fill(171), 4);
  const names = ["orders", "hidden", "system.buckets.x", "log"];
  return names.map((name) => ({ name, info: { uuid }, options: { capped: name === "log" } }));
}

Deno.test("a survey gives what is wanted, and marks what is capped", async () => {
  const { client } = fakeClient(server);
  const request = { stream: SHOP, namespaces: ALL, floor: { t: 7, i: 1 } };
  const facts = { database: "shop", uuid: "ab".repeat(16), documents: 4 };
  assert.deepEqual(await surveyCollections(client, request, NEVER), [
    { ...facts, collection: "orders", isCapped: false },
    { ...facts, collection: "log", isCapped: true },
  ]);
});

Deno.test("a server that is behind the floor is not believed", async () => {
  const { client } = fakeClient(server);
  const request = { stream: SHOP, namespaces: ALL, floor: { t: 7, i: 2 } };
  await assert.rejects(surveyCollections(client, request, NEVER), /behind the start of the stream/);
});

Deno.test("a survey names the right to list collections where that is what is missing", async () => {
  const { client } = fakeClient((command) => {
    if (command["listCollections"] === undefined) return server(command);
    throw serverError(13);
  });
  const request = { stream: SHOP, namespaces: ALL, floor: { t: 7, i: 1 } };
  await assert.rejects(surveyCollections(client, request, NEVER), (error) => {
    assert(error instanceof PermanentError);
    assert.match(error.message, /may not list the collections of shop; .*`listCollections`/);
    return true;
  });
});

Deno.test("bounds are spread over the sample, the greatest last and once, and read at one time", async () => {
  const found = {
    ...{ database: "shop", collection: "orders", uuid: "", documents: 9 },
    isCapped: false,
  };
  const divided = async (sample: number[], greatest: number[]) => {
    const { client, sent } = fakeClient((command) => {
      const ids = command["aggregate"] ? sample : greatest;
      const firstBatch = ids.map((_id) => ({ _id }));
      const at = { atClusterTime: new Timestamp({ t: 7, i: 1 }), id: Long.fromNumber(0) };
      return { cursor: BSON.serialize({ firstBatch, ...at, ns: "shop.orders" }) };
    });
    const { bounds } = await divideCollection(client, found, 3, NEVER);
    assert(sent[1]!.command["readConcern"].atClusterTime.equals(new Timestamp({ t: 7, i: 1 })));
    return bounds.map((bound) =>
      BSON.deserialize(Uint8Array.from(atob(bound), (c) => c.charCodeAt(0)))["_id"]
    );
  };
  assert.deepEqual(await divided([1, 2, 3, 4, 5, 6], [9]), [3, 5, 9]);
  assert.deepEqual(await divided([1, 2, 3, 4, 5], [5]), [3, 5]);
  assert.deepEqual(await divided([1], [1]), []);
  assert.deepEqual(await divided([], []), []);
});
