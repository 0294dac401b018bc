import assert from "node:assert/strict";
import { type MongoClient, MongoServerError } from "mongodb";
import type { NamespaceFilter } from "../../../src/model/settings.ts";
import type { Stream } from "../../../src/model/stream.ts";
import { redactedShardKeys } from "../../../src/source/redacted_keys.ts";

const never = new AbortController().signal;
const ALL: NamespaceFilter = { include: [], exclude: [] };
const DEPLOYMENT: Stream = { level: "deployment" };

/** A cluster with these sharded collections. */
function cluster(toArray: () => Promise<unknown[]>): Pick<MongoClient, "db"> {
  const db = { collection: () => ({ find: () => ({ toArray }) }) };
  return { db: () => db } as unknown as Pick<MongoClient, "db">;
}

const SHARDED = cluster(() =>
  Promise.resolve([
    { _id: "shop.orders", key: { "customer.email": 1, _id: 1 } },
    { _id: "shop.items", key: { sku: "hashed" } },
    { _id: "crm.people", key: { email: 1 } },
    { _id: "config.system.sessions" },
  ])
);

function find(redact: string[], stream: Stream = DEPLOYMENT, namespaces = ALL, client = SHARDED) {
  return redactedShardKeys(client, [stream], { redact, namespaces }, never);
}

Deno.test("redactedShardKeys names watched collections of whose shard key REDACT names a part", async () => {
  assert.deepEqual(await find(["customer.email", "email"]), [
    "crm.people (email)",
    "shop.orders (customer.email)",
  ]);
  assert.deepEqual(await find(["customer"]), ["shop.orders (customer.email)"]);
  assert.deepEqual(await find(["sku.part"]), ["shop.items (sku)"]);
  assert.deepEqual(await find(["custom", "skus", "customer.emails"]), []);
  assert.deepEqual(await find(["email"], { level: "database", database: "shop" }), []);
  const orders: Stream = { level: "collection", database: "shop", collection: "orders" };
  assert.deepEqual(await find(["customer", "sku"], orders), ["shop.orders (customer.email)"]);
  const filter = { include: [], exclude: ["shop.orders"] };
  assert.deepEqual(await find(["customer", "sku"], DEPLOYMENT, filter), ["shop.items (sku)"]);
});

Deno.test("redactedShardKeys asks for nothing where nothing is removed, and knows nothing where it may not ask", async () => {
  const forbidden = cluster(() =>
    Promise.reject(new MongoServerError({ code: 13, message: "no" }))
  );
  assert.deepEqual(await find([], DEPLOYMENT, ALL, forbidden), []);
  assert.deepEqual(await find(["email"], DEPLOYMENT, ALL, forbidden), []);
});
