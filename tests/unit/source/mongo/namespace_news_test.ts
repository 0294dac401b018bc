import assert from "node:assert/strict";
import { type Document, type MongoClient, Timestamp } from "mongodb";
import { openNamespaceNews } from "../../../../src/source/mongo/namespace_news.ts";
import { fakeClient, serverError } from "../fake_client.ts";

const never = new AbortController().signal;
const FROM = { t: 100, i: 1 };
const TOKEN = { _data: "82000000640000000529" };

/** A server that answers the first `getMore` with these events, and then with none. */
function server(
  choice: { events?: Document[]; refuse?: (command: Document) => number | undefined },
) {
  const { events = [], refuse } = choice;
  return fakeClient((command, database) => {
    const code = refuse?.(command);
    if (code !== undefined) throw serverError(code);
    if (command["hello"]) {
      return { setName: "rs", operationTime: new Timestamp({ t: 100, i: 5 }) };
    }
    if (command["find"]) {
      return { cursor: { firstBatch: [{ ts: new Timestamp({ t: 1, i: 1 }), op: "i" }] } };
    }
    if (command["aggregate"]) return { cursor: { id: 7n, ns: `${database}.$cmd.aggregate` } };
    return { cursor: { id: 7n, nextBatch: events.splice(0), postBatchResumeToken: TOKEN } };
  });
}

async function open(client: MongoClient, ...include: string[]) {
  const request = { filter: { include, exclude: [] }, from: FROM, known: () => KNOWN };
  return await openNamespaceNews(() => Promise.resolve(client), request, never);
}

const KNOWN = [{ database: "shop", collection: "orders" }];

const aggregates = (sent: readonly { command: Document; database: string }[]) =>
  sent.filter(({ command }) => command["aggregate"] !== undefined);

Deno.test("openNamespaceNews() tells beginnings and ends, and nothing of views or the server's own", async () => {
  const clusterTime = new Timestamp({ t: 100, i: 3 });
  const event = (operationType: string, coll: string, more: Document = {}) => ({
    ...{ operationType, clusterTime, ns: { db: "shop", coll } },
    ...more,
  });
  const { client } = server({
    events: [
      event("create", "a"),
      event("create", "view", { operationDescription: { viewOn: "a" } }),
      event("create", "system.buckets.t"),
      event("rename", "b", { to: { db: "shop", coll: "c" } }),
      event("drop", "a"),
    ],
  });
  const news = await open(client, "shop.*");
  const reply = await news!.next();
  const told = reply.news.map(({ collection, change }) => `${collection} ${change}`);
  assert.deepEqual(told, ["a begun", "b ended", "c begun", "a ended"]);
  assert.deepEqual(reply.news[0]!.time, { t: 100, i: 3 });
  assert.deepEqual(reply.reached, { t: 100, i: 5 });
  await news!.close();
});

Deno.test("openNamespaceNews() reads each database that patterns name, or the deployment", async () => {
  const several = server({});
  await (await open(several.client, "shop.a*", "crm.*", "shop.b"))!.close();
  assert.deepEqual(aggregates(several.sent).map(({ database }) => database), ["shop", "crm"]);
  const all = server({});
  await (await open(all.client, "shop.*", "*.orders"))!.close();
  const [{ command, database } = assert.fail()] = aggregates(all.sent);
  assert.equal(database, "admin");
  const options = command["pipeline"][0]["$changeStream"];
  assert.equal(options["allChangesForCluster"], true);
  assert.deepEqual(options["startAtOperationTime"], new Timestamp(FROM));
});

Deno.test("openNamespaceNews() is nothing where the user may not read", async () => {
  const refuse = (command: Document) => command["aggregate"] === undefined ? undefined : 13;
  assert.equal(await open(server({ refuse }).client, "shop.*"), undefined);
});

Deno.test("openNamespaceNews() takes inserts for beginnings where the server tells no others", async () => {
  const refuse = (command: Document) =>
    command["pipeline"]?.[0]["$changeStream"]["showExpandedEvents"] ? 40415 : undefined;
  const clusterTime = new Timestamp({ t: 100, i: 3 });
  const insert = { operationType: "insert", clusterTime, ns: { db: "shop", coll: "new" } };
  const { client, sent } = server({ refuse, events: [insert] });
  const news = await open(client, "shop.*");
  const { news: [change] } = await news!.next();
  assert.deepEqual([change?.collection, change?.change], ["new", "begun"]);
  const match = aggregates(sent).at(-1)!.command["pipeline"][1]["$match"];
  assert.deepEqual(match["$or"][1]["$nor"], [{ "ns.db": "shop", "ns.coll": "orders" }]);
  await news!.close();
});

Deno.test("openNamespaceNews() lets the server wait longer where nothing comes, unless others would wait with it", async () => {
  const waits = async (events: Document[], include: string[]) => {
    const { client, sent } = server({ events });
    const news = await open(client, ...include);
    for (let i = 0; i < 5; i++) await news!.next();
    await news!.close();
    const asked = sent.flatMap(({ command, database }) =>
      command["getMore"] === undefined || database !== "shop" ? [] : [command["maxTimeMS"]]
    );
    return asked;
  };
  const clusterTime = new Timestamp({ t: 100, i: 3 });
  const create = { operationType: "create", clusterTime, ns: { db: "shop", coll: "a" } };
  assert.deepEqual(await waits([], ["shop.*"]), [1000, 2000, 4000, 8000, 8000]);
  assert.deepEqual(await waits([create], ["shop.*"]), [1000, 1000, 2000, 4000, 8000]);
  assert.deepEqual(await waits([], ["shop.*", "crm.*"]), [1000, 1000, 1000, 1000, 1000]);
});
