import assert from "node:assert/strict";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { TransientError } from "../../src/model/errors.ts";
import type { Piece } from "../../src/model/snapshot.ts";
import { createMongoSource, type MongoSource } from "../../src/source/mongo/mongo_source.ts";
import { systemClock } from "../../src/support/clock.ts";
import { systemRandom } from "../../src/support/random.ts";
import { here, openFrom, operations, readUntil } from "../contract/source_contract.ts";
import { openMongo } from "../support/mongo_source.ts";
import { readThrough } from "../support/read_through.ts";
import { SETTINGS } from "../support/lake_world.ts";
import { startReplicaSet } from "../support/replica_set.ts";

const LIMIT_MS = 240_000;

Deno.test("a source from a replica set of three", async (t) => {
  await using set = await startReplicaSet();

  await t.step("goes on without a loss when another member becomes primary", async () => {
    await using under = await openMongo(set.url);
    const start = await here(under);
    await under.insert(5);
    const reading = readThrough(under, start, 10);
    await set.changePrimary();
    await under.insert(5);
    assert.deepEqual(operations(await reading), Array(10).fill("insert"));
  });

  await t.step("keeps each cursor on one of the secondaries", async () => {
    await using under = await openMongo(set.url);
    const source = createMongoSource({
      uri: `${set.url}&readPreference=secondary`,
      awaitMs: 50,
      clock: systemClock,
      random: systemRandom,
    });
    const start = await here(under);
    await under.insert(40);
    const cursor = await waitUntil(systemClock, LIMIT_MS, async () => {
      try {
        return (await openFrom({ ...under, source }, start)).cursor;
      } catch (error) {
        // A secondary may be behind for a moment.
        if (error instanceof TransientError) return undefined;
        assert.fail(String(error));
      }
    });
    assert.ok(cursor);
    // One event a command: were each sent to any secondary, one of forty would find no cursor there.
    assert.equal((await readUntil(cursor, 40, 1)).length, 40);
    await cursor.close();
    await source.close();
  });

  await t.step("reads documents from a secondary where that is wanted", async () => {
    await readFromSecondary(set.url);
  });
});

async function readFromSecondary(url: string): Promise<void> {
  await using under = await openMongo(url);
  const source = createMongoSource({
    ...{ uri: url, documentsFrom: "secondary", clock: systemClock, random: systemRandom },
  });
  await under.insert(40);
  const { db } = under;
  const database = db.databaseName;
  await db.command({ profile: 2 });
  const { operationTime } = await db.command({ ping: 1 });
  const floor = { t: operationTime.getHighBits(), i: operationTime.getLowBits() };
  const signal = new AbortController().signal;
  const stream = { level: "database", database } as const;
  const request = { stream, namespaces: { include: [], exclude: [] }, floor };
  const [found] = await source.documents.survey(request, signal);
  const piece = { database, collection: found!.collection, uuid: found!.uuid };
  const rows = await waitUntil(systemClock, LIMIT_MS, async () => {
    // A secondary may be behind for a moment.
    const count = await countOneByOne(source, piece, signal);
    return count >= 40 ? count : undefined;
  });
  assert.equal(rows, 40);
  await db.command({ profile: 0 });
  const asked = await db.collection("system.profile").countDocuments({ "command.find": "orders" });
  assert.equal(asked, 0, "the primary was asked");
  await source.close();
}

/** One document a command: were each sent to any member, one of forty would find no cursor there. */
async function countOneByOne(
  source: MongoSource,
  piece: Piece,
  signal: AbortSignal,
): Promise<number> {
  const request = { piece, suffix: "0123456789AB", row: 0, settings: SETTINGS };
  const cursor = await source.documents.open(request, signal);
  let count = 0;
  try {
    for (;;) {
      const { starts, state } = await cursor.next(1);
      count += starts.length;
      if (state !== "more") return count;
    }
  } finally {
    await cursor.close();
  }
}
