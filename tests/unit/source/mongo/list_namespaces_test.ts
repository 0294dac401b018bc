import assert from "node:assert/strict";
import { type Document, Timestamp } from "mongodb";
import { listNamespaces, listWatched } from "../../../../src/source/mongo/list_namespaces.ts";
import { fakeClient } from "../fake_client.ts";

const never = new AbortController().signal;

const COLLECTIONS: Readonly<Record<string, object[]>> = {
  shop: [
    { name: "orders", options: { changeStreamPreAndPostImages: { enabled: true } } },
    { name: "customers", options: { changeStreamPreAndPostImages: { enabled: false } } },
    { name: "system.buckets.x", options: {} },
  ],
  crm: [{ name: "people" }],
  admin: [{ name: "secrets" }],
};

const { client, sent } = fakeClient((command: Document, database) => {
  if (command["listCollections"]) return COLLECTIONS[database];
  return { databases: Object.keys(COLLECTIONS).map((name) => ({ name })) };
});

Deno.test("listNamespaces gives all but internal ones, by name", async () => {
  const found = await listNamespaces(client, { include: [], exclude: [] }, undefined, never);
  assert.deepEqual(found, [
    { database: "crm", collection: "people" },
    { database: "shop", collection: "customers" },
    { database: "shop", collection: "orders" },
  ]);
});

Deno.test("listWatched says which keep images", async () => {
  const found = await listWatched(client, { include: [], exclude: [] }, undefined, never);
  assert.deepEqual(found, [
    { database: "crm", collection: "people", keepsImages: false },
    { database: "shop", collection: "customers", keepsImages: false },
    { database: "shop", collection: "orders", keepsImages: true },
  ]);
});

Deno.test("listNamespaces gives what the filter wants of one database", async () => {
  const filter = { include: ["*.o*", "crm.people"], exclude: [] };
  const found = await listNamespaces(client, filter, "shop", never);
  assert.deepEqual(found.map((f) => f.collection), ["orders"]);
});

Deno.test("listNamespaces lets no member answer that is behind a time", async () => {
  sent.length = 0;
  const all = { include: [], exclude: [] };
  await listNamespaces(client, all, undefined, never, { t: 7, i: 2 });
  const concern = { afterClusterTime: new Timestamp({ t: 7, i: 2 }) };
  assert.equal(sent.length, 3);
  for (const { command } of sent) assert.deepEqual(command["readConcern"], concern);
});
