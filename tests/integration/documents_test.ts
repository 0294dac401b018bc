/** Documents as they were at one time, read from a real server. */
import assert from "node:assert/strict";
import {
  Binary,
  BSON,
  Code,
  type CreateCollectionOptions,
  type Db,
  Decimal128,
  type Document,
  Long,
  MaxKey,
  MinKey,
  MongoClient,
  ObjectId,
  Timestamp,
  UUID,
} from "mongodb";
import { snapshotEvents } from "../../src/bson/event/snapshot_event.ts";
import { compareTokens } from "../../src/model/position.ts";
import { HistoryLostError, PermanentError } from "../../src/model/errors.ts";
import type { DocumentRequest, DocumentSource, FilterCheck } from "../../src/pipeline/documents.ts";
import { createMongoDocuments } from "../../src/source/mongo/documents/mongo_documents.ts";
import { SETTINGS } from "../support/lake_world.ts";
import { mongodbUri, uniqueName } from "../support/services.ts";

const NEVER = new AbortController().signal;
const FLOOR = { t: 1, i: 1 };
const IDS = [
  ...[new MinKey(), null, NaN, -5, 2.5, new Long(7), "B", { b: 1, "0": 2 }],
  ...[new ObjectId(), true, new Date(5), new MaxKey()],
  ...[new Binary(Uint8Array.of(1, 2), 0), new UUID(), Decimal128.fromString("1.50"), "a", "C", ""],
  ...[new Timestamp({ t: 1, i: 2 }), new Code("x"), -0.5, new Date(-5), false],
];

/** The server wants an index for it. */
const TEXT_SEARCH = `{"$text": {"$search": "x"}}`;

/** Else the driver replaces an `_id` of null. */
const AS_GIVEN = { forceServerObjectId: true };

interface Scene {
  readonly db: Db;
  readonly documents: DocumentSource & FilterCheck;
  survey(): ReturnType<DocumentSource["survey"]>;
  read(
    request?: Partial<DocumentRequest>,
  ): Promise<ReadPart>;
}

interface ReadPart {
  readonly state: string;
  readonly events: Document[];
  readonly unreadable: Document[];
  readonly bounds: string[];
  readonly scanned: string[];
  readonly at: DocumentRequest["at"];
}

async function withScene(work: (scene: Scene) => Promise<void>): Promise<void> {
  const client = new MongoClient(mongodbUri());
  const db = client.db(uniqueName("documents"));
  const documents = createMongoDocuments(client);
  const stream = { level: "database", database: db.databaseName } as const;
  const survey = () =>
    documents.survey({ stream, namespaces: { include: [], exclude: [] }, floor: FLOOR }, NEVER);
  const pieceOf = async () => {
    const found = (await survey()).find(({ collection }) => collection === "orders")!;
    const capped = found.isCapped ? { isCapped: true as const } : {};
    return { database: found.database, collection: "orders", uuid: found.uuid, ...capped };
  };
  try {
    await work({
      ...{ db, documents, survey },
      read: async (request) => {
        const piece = request?.piece ?? await pieceOf();
        const suffix = "0123456789AB";
        const cursor = await documents.open(
          { ...{ piece, suffix, row: 0, settings: SETTINGS }, ...request },
          NEVER,
        );
        const part: Omit<ReadPart, "state" | "at"> = {
          ...{ events: [], unreadable: [], bounds: [], scanned: [] },
        };
        try {
          for (;;) {
            const reply = await cursor.next(3);
            const { bytes, starts, rows } = reply;
            const made = rows === undefined ? reply : snapshotEvents(bytes, starts, rows);
            for (const start of made.starts) part.events.push(eventAt(made.bytes, start));
            part.bounds.push(...reply.bounds ?? []);
            if (reply.scannedTo !== undefined) part.scanned.push(reply.scannedTo);
            const { unreadable } = reply;
            if (unreadable !== undefined) part.unreadable.push(eventAt(unreadable.event, 0));
            if (reply.state !== "more") return { ...part, state: reply.state, at: reply.at };
          }
        } finally {
          await cursor.close();
        }
      },
    });
  } finally {
    await db.dropDatabase();
    await client.close();
  }
}

function eventAt(bytes: Uint8Array, start: number): Document {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getInt32(start, true);
  return BSON.deserialize(bytes.subarray(start, start + length), { promoteValues: false });
}

function idsOf(events: readonly Document[]): string[] {
  return events.map((event) => BSON.EJSON.stringify(event["documentKey"]._id, { relaxed: false }));
}

function bound(_id: unknown): string {
  return btoa(String.fromCharCode(...BSON.serialize({ _id })));
}

Deno.test("each document comes once in the server's order, whatever its _id is, with tokens that grow", async () => {
  await withScene(async ({ db, read }) => {
    await db.collection("orders").insertMany(IDS.map((_id) => ({ _id, n: 1 })) as never, AS_GIVEN);
    const { events, state } = await read();
    const sorted = await db.collection("orders").find({}, {
      sort: { _id: 1 },
      promoteValues: false,
    })
      .toArray();
    assert.equal(state, "ended");
    assert.deepEqual(
      idsOf(events),
      sorted.map(({ _id }) => BSON.EJSON.stringify(_id, { relaxed: false })),
    );
    const tokens: string[] = events.map((event) => event["_id"]._data);
    assert(tokens.every((token, i) => i === 0 || compareTokens(tokens[i - 1]!, token) < 0));
    assert(events.every(({ operationType }) => operationType === "snapshot"));
  });
});

Deno.test("a part has the documents from its beginning on and none from its end on", async () => {
  await withScene(async ({ db, read }) => {
    await db.collection("orders").insertMany(IDS.map((_id) => ({ _id })) as never, AS_GIVEN);
    const all = idsOf((await read()).events);
    const [from, to] = [bound(2.5), bound("B")];
    const [first, last] = [2.5, "B"].map((id) =>
      all.indexOf(BSON.EJSON.stringify(id, { relaxed: false }))
    );
    assert(first! > 0 && last! > first!);
    assert.deepEqual(idsOf((await read({ from, to })).events), all.slice(first, last));
    assert.deepEqual(idsOf((await read({ to })).events), all.slice(0, last));
    assert.deepEqual(idsOf((await read({ from })).events), all.slice(first));
  });
});

Deno.test("a part is read again as it was at its time, after changes", async () => {
  await withScene(async ({ db, read }) => {
    await db.collection<Document>("orders").insertMany(
      [1, 2, 3, 4, 5].map((_id) => ({ _id })) as never,
    );
    const first = await read();
    await db.collection<Document>("orders").deleteOne({ _id: 2 } as never);
    await db.collection<Document>("orders").updateOne({ _id: 3 } as never, { $set: { n: 1 } });
    await db.collection<Document>("orders").insertOne({ _id: 9 } as never);
    const again = await read({ at: first.at! });
    assert.deepEqual(again.events, first.events);
    await assert.rejects(read({ at: { t: first.at!.t - 86_400, i: 1 } }), HistoryLostError);
  });
});

Deno.test("a collection that was dropped, renamed, or replaced is gone, and not empty", async () => {
  await withScene(async ({ db, survey, read }) => {
    const orders = () => db.collection<Document>("orders");
    for (const end of ["drop", "anew", "rename", "capped"]) {
      await orders().insertOne({ _id: 1 } as never);
      const { database, uuid } = (await survey()).find(({ collection }) =>
        collection === "orders"
      )!;
      const piece = { database, collection: "orders", uuid };
      if (end === "rename") await orders().rename("moved");
      else if (end === "capped") await db.command({ convertToCapped: "orders", size: 1 << 20 });
      else await orders().drop();
      if (end === "anew") await orders().insertOne({ _id: 1 } as never);
      for (const stages of [[], [{ $match: { operationType: "insert" } }]]) {
        const { state, events, at } = await read({ piece, settings: { ...SETTINGS, stages } });
        assert.deepEqual([end, state, events], [end, "gone", []]);
        // So it is known whether a server says so that has come far enough to know.
        assert(at!.t > 0, "the refusal is of no time");
      }
      if (end === "anew") await orders().drop();
    }
  });
});

Deno.test("fields to be redacted are in no event", async () => {
  await withScene(async ({ db, read }) => {
    await db.collection("orders").insertOne({ a: { secret: 1, open: 2 } });
    const settings = { ...SETTINGS, redact: ["a.secret"] };
    const { events: [event] } = await read({ settings });
    assert.deepEqual(Object.keys(event!["fullDocument"].a), ["open"]);
  });
});

const OPTIONS: CreateCollectionOptions[] = [
  {},
  { collation: { locale: "en", strength: 2 } },
  { clusteredIndex: { key: { _id: 1 }, unique: true } },
];

for (const options of OPTIONS) {
  Deno.test(`parts meet at each _id there can be, in a collection with ${JSON.stringify(options)}`, async () => {
    await withScene(async ({ db, read }) => {
      await db.createCollection("orders", options);
      const documents = IDS.map((_id) => ({ _id }));
      await db.collection("orders").insertMany(documents as never, AS_GIVEN);
      const stages = [{ $match: { operationType: "insert" } }];
      for (const settings of [SETTINGS, { ...SETTINGS, stages }]) {
        const { events } = await read({ settings });
        const all = idsOf(events);
        assert.equal(new Set(all).size, IDS.length);
        for (const [i, event] of events.entries()) {
          const at = bound(event["documentKey"]._id);
          assert.deepEqual(idsOf((await read({ settings, from: at })).events), all.slice(i));
          // Nothing is before the least key, and no part ends there.
          if (i === 0) continue;
          assert.deepEqual(idsOf((await read({ settings, to: at })).events), all.slice(0, i));
        }
      }
    });
  });
}

/** As settings have them. */
const HAS_TIME = { wallTime: { $gt: { $date: "1970-01-01T00:00:00Z" } } };
const PAID = [{ $match: { operationType: "insert", "fullDocument.paid": true, ...HAS_TIME } }, {
  $project: { "fullDocument.secret": 0, documentKey: 0 },
}];

Deno.test("stages of a pipeline see inserts, whatever the _id is, and parts of what they leave meet", async () => {
  await withScene(async ({ db, read }) => {
    const documents = IDS.map((_id, i) => ({ _id, paid: i % 3 !== 0, secret: i, i }));
    await db.collection("orders").insertMany(documents as never, AS_GIVEN);
    const settings = { ...SETTINGS, stages: PAID };
    const { events, state, bounds } = await read({ settings });
    const sorted = await db.collection("orders").find({ paid: true }, { sort: { _id: 1 } })
      .toArray();
    assert.equal(state, "ended");
    assert.deepEqual(
      events.map(({ fullDocument }) => Number(fullDocument.i)),
      sorted.map(({ i }) => i),
    );
    assert(
      events.every(({ operationType, fullDocument, documentKey, wallTime }) =>
        operationType === "snapshot" && fullDocument.secret === undefined &&
        documentKey === undefined && wallTime === undefined
      ),
    );
    const tokens: string[] = events.map((event) => event["_id"]._data);
    assert(tokens.every((token, i) => i === 0 || compareTokens(tokens[i - 1]!, token) < 0));
    for (const [i, from] of bounds.entries()) {
      assert.equal((await read({ settings, from })).events.length, events.length - i);
      assert.equal((await read({ settings, to: from })).events.length, i);
    }
  });
});

Deno.test("where stages drop all there is, it is known how far they have", async () => {
  await withScene(async ({ db, read }) => {
    const ids = Array.from({ length: 45_000 }, (_, _id) => ({ _id }));
    await db.collection<Document>("orders").insertMany(ids as never);
    const stages = [{ $match: { "fullDocument._id": { $gte: 44_999 } } }];
    const { events, scanned } = await read({ settings: { ...SETTINGS, stages } });
    assert.equal(events.length, 1);
    assert.deepEqual(scanned, [bound(20_000), bound(40_000)]);
  });
});

Deno.test("a document that is too large for stages is unreadable, and costs no other one", async () => {
  await withScene(async ({ db, read }) => {
    const large = "x".repeat(10 * 1024 * 1024);
    const documents = [0, 1, 2, 3, 4].map((_id) => ({ _id, text: _id === 2 ? large : "" }));
    for (const each of documents) await db.collection("orders").insertOne(each as never);
    const stages = [{ $set: { "fullDocument.copy": "$fullDocument.text" } }];
    const { events, unreadable } = await read({ settings: { ...SETTINGS, stages } });
    assert.deepEqual(events.map(({ documentKey }) => Number(documentKey._id)), [0, 1, 3, 4]);
    assert.deepEqual(unreadable.map(({ documentKey }) => Number(documentKey._id)), [2]);
  });
});

Deno.test("the largest documents there can be are read, with stages as well", async () => {
  await withScene(async ({ db, read }) => {
    const text = "x".repeat(16 * 1024 * 1024 - 60);
    for (const _id of [1, 2]) await db.collection("orders").insertOne({ _id, text } as never);
    const stages = [{ $match: { operationType: "insert" } }];
    for (const settings of [SETTINGS, { ...SETTINGS, stages }]) {
      const { events } = await read({ settings });
      assert.deepEqual(events.map(({ fullDocument }) => fullDocument.text.length), [
        ...[text.length, text.length],
      ]);
    }
  });
});

Deno.test("a capped collection is read as it is at its time or was later, with stages as well, and once", async () => {
  await withScene(async ({ db, read }) => {
    await db.createCollection("orders", { capped: true, size: 1 << 20 });
    await db.collection("orders").insertMany(IDS.map((_id) => ({ _id })) as never, AS_GIVEN);
    const stages = [{ $match: { operationType: "insert" } }];
    for (const settings of [SETTINGS, { ...SETTINGS, stages }]) {
      const { events, at, state } = await read({ settings });
      assert.deepEqual([events.length, state], [IDS.length, "ended"]);
      await assert.rejects(read({ settings, at: at! }), HistoryLostError);
    }
    const piece = { database: db.databaseName, collection: "orders", uuid: "0".repeat(32) };
    for (const settings of [SETTINGS, { ...SETTINGS, stages }]) {
      const gone = await read({ settings, piece: { ...piece, isCapped: true } });
      assert.equal(gone.state, "gone");
    }
  });
});

Deno.test("stages may not touch the _id of events", async () => {
  await withScene(async ({ db, read }) => {
    await db.collection("orders").insertOne({});
    const settings = { ...SETTINGS, stages: [{ $unset: "_id" }] };
    await assert.rejects(read({ settings }), /changes or removes the `_id` of events/);
  });
});

Deno.test("a survey tells of collections, and which are capped, and leaves views out", async () => {
  await withScene(async ({ db, survey }) => {
    await db.collection("orders").insertMany([{}, {}]);
    await db.createCollection("log", { capped: true, size: 4096 });
    await db.createCollection("view", { viewOn: "orders", pipeline: [] });
    const found = (await survey()).toSorted((a, b) => a.collection < b.collection ? -1 : 1);
    assert.deepEqual(
      found.map(({ collection, documents, isCapped }) => ({ collection, documents, isCapped })),
      [
        { collection: "log", documents: 0, isCapped: true },
        { collection: "orders", documents: 2, isCapped: false },
      ],
    );
  });
});

Deno.test("a collection is divided into parts that have each document once", async () => {
  await withScene(async ({ db, documents, survey, read }) => {
    const ids = Array.from({ length: 500 }, (_, i) => i % 2 === 0 ? i : `text ${i}`);
    await db.collection<Document>("orders").insertMany(ids.map((_id) => ({ _id })) as never);
    const [found] = await survey();
    const { bounds } = await documents.divide(found!, 4, NEVER);
    assert(bounds.length >= 2, `${bounds.length} bounds`);
    const greatest = bounds.at(-1)!;
    const { database, collection, uuid } = found!;
    const piece = { database, collection, uuid };
    const reads = await Promise.all([
      ...bounds.map((to, i) => read({ to, ...(i === 0 ? {} : { from: bounds[i - 1]! }) })),
      read({ piece: { ...piece, only: greatest } }),
    ]);
    const all = idsOf(reads.flatMap(({ events }) => events));
    assert.deepEqual(all, idsOf((await read()).events));
    assert.equal(reads.at(-1)!.events.length, 1);
  });
});

Deno.test("a filter holds in each part, for values of the type that is meant, and the server looks at it first", async () => {
  await withScene(async ({ db, documents, survey, read }) => {
    const orders = db.collection("orders");
    await orders.insertMany(
      Array.from({ length: 9 }, (_, i) => ({
        ...{ _id: i as never, open: i % 2 === 0, big: new Long("9007199254740993") },
      })),
    );
    const [collection] = await survey();
    const where = await documents.checkFilter(
      collection!,
      `{"open": true, "_id": {"$gt": 2}}`,
      NEVER,
    );
    assert.equal(where, `{"open":true,"_id":{"$gt":{"$numberInt":"2"}}}`);
    const ids = async (request: Partial<DocumentRequest>) =>
      (await read(request)).events.map((event) => Number(event["documentKey"]._id));
    assert.deepEqual(await ids({ where }), [4, 6, 8]);
    const bound = (id: number) => BSON.serialize({ _id: id });
    const text = (id: number) => btoa(String.fromCharCode(...bound(id)));
    assert.deepEqual(await ids({ where, from: text(5) }), [6, 8]);
    assert.deepEqual(await ids({ where, from: text(4), to: text(8) }), [4, 6]);
    const exact = `{"big": {"$numberLong": "9007199254740993"}}`;
    assert.equal((await ids({ where: exact })).length, 9);
    for (
      const wrong of ["{", "[1]", "7", "null", `{"a": {"$near": 1}}`, `{"$nope": 1}`, TEXT_SEARCH]
    ) {
      const refused = documents.checkFilter(collection!, wrong, NEVER);
      await assert.rejects(
        refused,
        (error: Error) => error instanceof PermanentError && error.message.includes(wrong),
      );
    }
  });
});
