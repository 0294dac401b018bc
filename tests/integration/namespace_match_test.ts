/** That a real server takes filters of namespaces in all their forms as the rule that we state for them. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Db, MongoClient, Timestamp } from "mongodb";
import {
  type ClusterTime,
  clusterTimeOfToken,
  compareClusterTimes,
} from "../../src/model/cluster_time.ts";
import { isNamespaceWanted } from "../../src/model/namespace_filter.ts";
import type { NamespaceFilter } from "../../src/model/settings.ts";
import { collectionsMatch, namespaceMatch, type Query } from "../../src/source/namespace_match.ts";
import { mongodbUri, uniqueName } from "../support/services.ts";

interface Namespace {
  readonly db: string;
  readonly coll?: string;
}

/** An event as far as filters look at it. */
interface Event {
  readonly operationType: string;
  readonly ns: Namespace;
  readonly to?: Namespace;
}

/** Names that are hard to say in a regular expression, in a language of expressions, or to tell from others. */
const NAMES = [
  ...[
    "orders",
    "Orders",
    "orders.old",
    "order",
    "orders ",
    "x{2}",
    "xx",
    "it's",
    `"q"`,
    "end\n",
    "end",
  ],
  ...[
    "a+b",
    "a[1]",
    "a\\b",
    "a(b",
    "a|b",
    "a^b",
    "été",
    "漢字",
    "😀",
    "\ufb01",
    "-",
    "a,b",
    "a/b",
    "literal",
  ],
];

/** Names of nothing, before and behind each of those, so that there are many. */
const FILLERS = NAMES.flatMap((name) => [`${name}!`, `${name}~`, `-${name}`]);

Deno.test("namespaceMatch lets through what isNamespaceWanted wants, of few patterns and of many", async () => {
  await using scene = await playScene();
  for (const database of [scene.database, undefined]) {
    const matchOf = (filter: NamespaceFilter) => namespaceMatch(filter, database);
    const all = await scene.read(undefined, database);
    assert.ok(all.length > 2 * NAMES.length);
    await fc.assert(
      fc.asyncProperty(arbitraryFilter(scene), async (filter) => {
        const expected = all.filter((event) => isWanted(filter, event, database));
        for (const match of [filter, withFillers(filter, scene)].map(matchOf)) {
          assert.deepEqual(await scene.read(match, database), expected, JSON.stringify(match));
        }
      }),
      {
        numRuns: 25,
        examples: [[{ include: [], exclude: ["elsewhere.a"] }], [{
          include: ["elsewhere.a"],
          exclude: [],
        }]],
      },
    );
  }
});

Deno.test("namespaceMatch wants each name by itself, however it is written", async () => {
  await using scene = await playScene();
  const { database } = scene;
  const all = await scene.read(undefined, database);
  for (const name of NAMES) {
    for (const pattern of [name, `${name}*`]) {
      const filter = { include: [`${database}.${pattern}`], exclude: [] };
      const expected = all.filter((event) => isWanted(filter, event, database));
      assert.ok(expected.length > 0);
      assert.deepEqual(
        await scene.read(namespaceMatch(filter, database), database),
        expected,
        name,
      );
    }
  }
});

Deno.test("collectionsMatch lets through the events of its collections and renames into them, no more", async () => {
  await using scene = await playScene();
  const { database, other } = scene;
  for (const level of [database, undefined]) {
    const all = await scene.read(undefined, level);
    const own = ["orders", "x{2}", "final", "out", "target"];
    for (const members of [own, NAMES, [...own, ...NAMES, ...FILLERS], []]) {
      const collections = members.map((collection) => ({ database, collection }));
      if (level === undefined) collections.push({ database: other, collection: "orders" });
      const isMember = (name: Namespace | undefined) =>
        collections.some((each) => each.database === name?.db && each.collection === name.coll);
      const expected = all.filter(({ ns, to }) => isMember(ns) || isMember(to));
      for (const share of [0, 1]) {
        const match = collectionsMatch(collections, level, share);
        assert.deepEqual(await scene.read(match, level), expected, JSON.stringify(match));
      }
    }
  }
});

Deno.test("collectionsMatch tells a collection's renames: from another database, by $out, over another", async () => {
  await using scene = await playScene();
  const { database } = scene;
  const kinds = async (collection: string) => {
    const match = collectionsMatch([{ database, collection }], database);
    return (await scene.read(match, database)).map(({ operationType }) => operationType);
  };
  assert.deepEqual(await kinds("moved"), ["rename", "drop"]);
  assert.deepEqual(await kinds("out"), ["rename", "rename", "drop"]);
  assert.deepEqual(await kinds("target"), ["rename", "rename", "drop"]);
});

function isWanted(
  filter: NamespaceFilter,
  { operationType, ns, to }: Event,
  database: string | undefined,
): boolean {
  if (ns.coll === undefined) return true;
  if (isNamespaceWanted(filter, `${ns.db}.${ns.coll}`)) return true;
  return operationType === "rename" && (database === undefined || to!.db === database) &&
    isNamespaceWanted(filter, `${to!.db}.${to!.coll}`);
}

/** Patterns of names that are there, with a star for some part of them, also across the dot. */
function arbitraryFilter({ database, other }: Scene): fc.Arbitrary<NamespaceFilter> {
  const whole = fc.tuple(
    fc.constantFrom(database, database, other, "elsewhere"),
    fc.constantFrom(...NAMES, "$literal", "$ns.coll"),
  ).map(([db, name]) => `${db}.${name}`);
  const part = fc.tuple(whole, fc.nat(60), fc.nat(12)).map(([name, at, length]) =>
    `${name.slice(0, at)}*${name.slice(at + length)}`
  );
  const patterns = fc.array(fc.oneof({ weight: 3, arbitrary: whole }, part), { maxLength: 6 });
  return fc.record({ include: patterns, exclude: patterns });
}

/** The same filter, said with many patterns, where it does not want all. */
function withFillers({ include, exclude }: NamespaceFilter, { database }: Scene): NamespaceFilter {
  const fillers = FILLERS.flatMap((name) => [`${database}.${name}`, `${database}.${name}*`]);
  return {
    include: include.length === 0 ? [] : [...fillers, ...include],
    exclude: [...exclude, ...fillers],
  };
}

interface Scene extends AsyncDisposable {
  readonly database: string;
  readonly other: string;
  /** All events that a filter lets through, in the stream of a database or, without, of the deployment. */
  read(match: Query | undefined, database: string | undefined): Promise<Event[]>;
}

/** Two databases, and everything that may happen to their collections, until both are dropped. */
async function playScene(): Promise<Scene> {
  const client = new MongoClient(mongodbUri());
  const db = client.db(uniqueName("match"));
  const other = client.db(uniqueName("match"));
  const start = await timeOf(db);
  await happen(db, other);
  const end = await timeOf(db);
  const databases = [db.databaseName, other.databaseName];
  return {
    database: db.databaseName,
    other: other.databaseName,
    async read(match, database) {
      // Other tests write to the same server.
      const ours = { $match: { "ns.db": { $in: databases } } };
      const pipeline = [...(match === undefined ? [] : [{ $match: match }]), ours];
      return await readBetween(client, database, pipeline, { start, end });
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([db.dropDatabase(), other.dropDatabase()]);
      await client.close();
    },
  };
}

async function happen(db: Db, other: Db): Promise<void> {
  for (const name of NAMES) await db.collection(name).insertOne({});
  for (const name of NAMES.slice(0, 8)) await other.collection(name).insertOne({});
  const session = db.client.startSession();
  await session.withTransaction(async () => {
    for (const name of ["orders", "xx", "x{2}", "été"]) {
      await db.collection(name).insertOne({ ns: "orders", o: { to: "x.orders" } }, { session });
    }
    await other.collection("orders").insertOne({}, { session });
  });
  await session.endSession();
  await db.collection("orders").updateOne({}, { $set: { to: `${db.databaseName}.orders` } });
  await db.collection("order").deleteMany({});
  await db.renameCollection("orders", "final");
  await db.renameCollection("xx", "orders");
  await db.renameCollection("it's", "target", { dropTarget: true });
  await other.renameCollection("order", "moved");
  const admin = db.client.db("admin");
  await admin.command({
    renameCollection: `${other.databaseName}.moved`,
    to: `${db.databaseName}.moved`,
  });
  await admin.command({
    renameCollection: `${db.databaseName}.a+b`,
    to: `${other.databaseName}.a+b`,
  });
  for (let i = 0; i < 2; i++) {
    await db.collection("orders").aggregate([{ $match: {} }, { $out: "out" }]).toArray();
  }
  await db.renameCollection("end", "target", { dropTarget: true });
  await db.collection("orders.old").drop();
  await other.dropDatabase();
  await db.dropDatabase();
}

/** The time of the server's last operation. */
async function timeOf(db: Db): Promise<ClusterTime> {
  await db.admin().command({ appendOplogNote: 1, data: { test: "time passes" } });
  const { operationTime } = await db.command({ ping: 1 }) as { operationTime: Timestamp };
  return { t: operationTime.getHighBits(), i: operationTime.getLowBits() };
}

/** The number of a cursor must not be rounded. */
const LONGS = { promoteLongs: false };

async function readBetween(
  client: MongoClient,
  database: string | undefined,
  stages: readonly object[],
  { start, end }: { readonly start: ClusterTime; readonly end: ClusterTime },
): Promise<Event[]> {
  const db = client.db(database ?? "admin");
  const $changeStream = {
    startAtOperationTime: new Timestamp(start),
    ...(database === undefined ? { allChangesForCluster: true } : {}),
  };
  let { cursor } = await db.command({
    aggregate: 1,
    pipeline: [{ $changeStream }, ...stages],
    cursor: {},
  }, LONGS);
  const events: Event[] = cursor.firstBatch;
  const reached = () => clusterTimeOfToken(cursor.postBatchResumeToken._data)!;
  while (!cursor.id.isZero() && compareClusterTimes(reached(), end) < 0) {
    const more = { getMore: cursor.id, collection: "$cmd.aggregate", maxTimeMS: 20 };
    ({ cursor } = await db.command(more, LONGS));
    events.push(...cursor.nextBatch);
  }
  if (!cursor.id.isZero()) {
    await db.command({ killCursors: "$cmd.aggregate", cursors: [cursor.id] });
  }
  return events.map(({ operationType, ns, to }) => ({
    operationType,
    ns,
    ...(to === undefined ? {} : { to }),
  }));
}
