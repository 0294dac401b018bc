import assert from "node:assert/strict";
import { MongoClient, Timestamp } from "mongodb";
import {
  comparePositions,
  isOfNoDocument,
  type Position,
  positionAfterToken,
} from "../../src/model/position.ts";
import type { StreamSettings } from "../../src/model/settings.ts";
import { readByNamespace } from "../contract/namespace_contract.ts";
import { here, openFrom, PLAIN_SETTINGS, type SeenEvent } from "../contract/source_contract.ts";
import { type MongoUnderTest, openMongo } from "../support/mongo_source.ts";
import { mongodbUri } from "../support/services.ts";

/** What may happen to `orders`; each begins and ends with a collection of that name that has documents. */
const HAPPENINGS: Readonly<Record<string, (under: MongoUnderTest) => Promise<void>>> = {
  "is dropped and made anew, twice in a row": async (under) => {
    await under.drop();
    await under.insert(2);
    await under.drop();
    await under.insert(1);
  },
  "is made and dropped without a document": async (under) => {
    await under.drop();
    await under.db.createCollection("orders");
    await under.drop();
    await under.insert(1);
  },
  "is renamed away and back": async (under) => {
    await under.db.collection("orders").rename("old");
    await under.insert(2, "old");
    await under.db.collection("old").rename("orders");
    await under.insert(1);
  },
  "is renamed away, and another is made": async (under) => {
    await under.db.collection("orders").rename("old");
    await under.insert(1);
  },
  "is replaced by a rename with dropTarget": async (under) => {
    await under.insert(2, "next");
    await under.db.collection("next").rename("orders", { dropTarget: true });
    await under.insert(1);
  },
  "is replaced by $out": async (under) => {
    await under.insert(3, "next");
    await under.db.collection("next").aggregate([{ $out: "orders" }]).toArray();
    await under.insert(1);
  },
  "is made capped": async (under) => {
    await under.db.command({ convertToCapped: "orders", size: 100_000 });
    await under.insert(1);
  },
  "goes with its database": async (under) => {
    await under.db.dropDatabase();
    await under.insert(1);
    await under.db.dropDatabase();
    await under.insert(1);
  },
  "comes from another database": async (under) => {
    await under.drop();
    await using other = await openMongo();
    await other.insert(2);
    const [from, to] = [other.db, under.db].map((db) => `${db.databaseName}.orders`);
    await other.db.admin().command({ renameCollection: from, to });
    await under.insert(1);
  },
};

for (const [what, happen] of Object.entries(HAPPENINGS)) {
  Deno.test(`read by namespace, a collection that ${what}: what a deployment's stream gives of it`, async () => {
    await using under = await openMongo();
    await under.insert(1);
    const start = await here(under);
    await happen(under);
    const end = await here(under);
    const truth = await ofDeployment(under, start, end);
    for (const { operation, data } of truth) {
      assert.equal(isOfNoDocument(data), ["drop", "rename"].includes(operation), operation);
    }
    const { marks } = await compare(under, start, end, truth, {});
    // Wherever a process dies, the next one goes on: at an event, or at a mark.
    const events = truth.map(({ data }) => positionAfterToken(data));
    for (const from of [...events, ...marks]) {
      if (comparePositions(from, end) < 0) await compare(under, from, end, truth, {});
    }
    const stages = [{ $match: { operationType: "insert" } }];
    const inserts = truth.filter(({ operation }) => operation === "insert");
    const filtered = await compare(under, start, end, inserts, { stages });
    for (const from of filtered.marks.filter((each) => comparePositions(each, end) < 0)) {
      await compare(under, from, end, inserts, { stages });
    }
  });
}

/** Reads by namespace what lies behind a position, an event a reply, and compares it with what there is. */
async function compare(
  under: MongoUnderTest,
  from: Position,
  end: Position,
  truth: readonly SeenEvent[],
  settings: Partial<StreamSettings>,
) {
  const byNamespace = { ...PLAIN_SETTINGS, reading: "namespace" as const, ...settings };
  await using opened = await openFrom(under, from, { settings: byNamespace });
  const read = await readByNamespace(opened.cursor, end, 1);
  const isBehind = ({ data }: SeenEvent) => comparePositions(positionAfterToken(data), from) > 0;
  assert.deepEqual(read.events, truth.filter(isBehind), `from ${JSON.stringify(from)}`);
  return read;
}

/** The events of the name as MongoDB's own driver reads them from the whole deployment, which nothing ends. */
async function ofDeployment(
  under: MongoUnderTest,
  start: Position,
  end: Position,
): Promise<SeenEvent[]> {
  await using client = new MongoClient(mongodbUri());
  const name = { db: under.db.databaseName, coll: "orders" };
  const match = { $or: [{ ns: name }, { to: name }] };
  const { t, i } = start.operationTime;
  const stream = client.watch([{ $match: match }], {
    startAtOperationTime: new Timestamp({ t, i }),
    maxAwaitTimeMS: 50,
  });
  const seen: SeenEvent[] = [];
  for (;;) {
    const event = await stream.tryNext();
    const data = (event?._id ?? stream.resumeToken) as { readonly _data: string };
    if (event !== null) seen.push({ operation: event.operationType, data: data._data });
    else if (comparePositions(positionAfterToken(data._data), end) >= 0) break;
  }
  await stream.close();
  return seen;
}
