import assert from "node:assert/strict";
import { MongoClient } from "mongodb";
import { startMongod } from "../../scripts/services/mongod.ts";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { compareClusterTimes } from "../../src/model/cluster_time.ts";
import { HistoryLostError, TransientError, UnreadableEventError } from "../../src/model/errors.ts";
import { type Position, positionAt } from "../../src/model/position.ts";
import { systemClock } from "../../src/support/clock.ts";
import { here, openFrom, operations, readTo, readUntil } from "../contract/source_contract.ts";
import { failNext, onAdmin } from "../support/mongo_commands.ts";
import { type MongoUnderTest, openMongo } from "../support/mongo_source.ts";
import { readThrough } from "../support/read_through.ts";

const never = new AbortController().signal;

/** A small oplog that is cut every second, to lose history in. */
const SMALL_OPLOG = { oplogMegabytes: 2, cacheGigabytes: 0.25, args: ["--syncdelay", "1"] };

const LIMIT_MS = 240_000;

Deno.test("a source from mongod whose server fails", async (t) => {
  await using server = await startMongod(SMALL_OPLOG);
  await testDisturbances(t, server.url);
  await testVerdicts(t, server.url);

  await t.step("a server that answers no command does not keep close waiting", async () => {
    await closeWhileSilent(server.url);
  });

  await t.step("history that the oplog has dropped is lost", async () => {
    await using under = await openMongo(server.url);
    await loseHistory(under);
  });
});

/** After each, exactly the rest is read. */
async function testDisturbances(t: Deno.TestContext, uri: string): Promise<void> {
  for (const code of [6, 43, 91, 175, 189, 10107, 11600, 13436]) {
    await t.step(`error ${code} is transient, and the rest is read after it`, async () => {
      await using under = await openMongo(uri);
      await readOnAfter(under, () => failNext(uri, "getMore", { errorCode: code }));
    });
  }

  await t.step("a connection that is cut is transient, and the rest is read after it", async () => {
    await using under = await openMongo(uri);
    await readOnAfter(under, () => failNext(uri, "getMore", { closeConnection: true }));
  });

  await t.step("a cursor that somebody kills is transient", async () => {
    await using under = await openMongo(uri);
    await readOnAfter(under, () => killCursors(uri));
  });

  await t.step("a primary that steps down loses no event", async () => {
    await using under = await openMongo(uri);
    const start = await here(under);
    await under.insert(3);
    const readAll = readThrough(under, start, 6);
    await stepDown(uri);
    await under.insert(3);
    assert.deepEqual(operations(await readAll), Array(6).fill("insert"));
  });
}

/** Errors that say what is wrong with the event or the position. */
async function testVerdicts(t: Deno.TestContext, uri: string): Promise<void> {
  await t.step("error 286 is transient where the oplog reaches back far enough", async () => {
    await using under = await openMongo(uri);
    await using opened = await openFrom(under, await here(under));
    await failNext(uri, "getMore", { errorCode: 286 });
    await assert.rejects(opened.cursor.next(1), (error) => {
      assert.ok(error instanceof TransientError, String(error));
      assert.match(error.message, /early enough/);
      return true;
    });
  });

  for (const [code, reason] of [[47, "image-missing"], [10334, "too-large"]] as const) {
    await t.step(`error ${code} says that the event cannot be read`, async () => {
      await using under = await openMongo(uri);
      await using opened = await openFrom(under, await here(under));
      await failNext(uri, "getMore", { errorCode: code });
      await assert.rejects(opened.cursor.next(1), (error) => {
        assert.ok(error instanceof UnreadableEventError, String(error));
        assert.equal(error.reason, reason);
        return true;
      });
    });
  }
}

Deno.test("a server that was restarted is read on from the last position", async () => {
  await using server = await startMongod(SMALL_OPLOG);
  await using under = await openMongo(server.url);
  await readOnAfter(under, () => server.restart());
});

async function closeWhileSilent(uri: string): Promise<void> {
  await using under = await openMongo(uri);
  const start = await here(under);
  await using other = await openFrom(under, start);
  const opened = await openFrom(under, start);
  await failNext(uri, "killCursors", { blockConnection: true, blockTimeMS: 600_000 });
  const waiting = assert.rejects(opened.cursor.next(1), TransientError);
  await opened.cursor.close();
  await waiting;
  await under.insert(2);
  assert.equal((await readUntil(other.cursor, 2, 10)).length, 2);
}

/** Reads two of six events, has something done to the server, and expects the other four after opening again. */
async function readOnAfter(
  under: MongoUnderTest,
  disturb: () => Promise<unknown>,
): Promise<void> {
  const start = await here(under);
  await under.insert(6);
  let position: Position;
  {
    await using opened = await openFrom(under, start);
    const reply = await opened.cursor.next(2);
    assert.equal(reply.starts.length, 2);
    position = reply.highWater;
    await disturb();
    await assert.rejects(opened.cursor.next(2), (error) => {
      assert.ok(error instanceof TransientError, String(error));
      return true;
    });
  }
  const rest = await waitUntil(systemClock, LIMIT_MS, async () => {
    await using again = await openFrom(under, position);
    return await readUntil(again.cursor, 4, 100);
  });
  assert.deepEqual(operations(rest ?? []), Array(4).fill("insert"));
}

async function killCursors(uri: string): Promise<void> {
  const pipeline = [
    { $currentOp: { idleCursors: true, allUsers: true } },
    { $match: { type: "idleCursor" } },
  ];
  const [reply] = await onAdmin(uri, { aggregate: 1, pipeline, cursor: {} });
  const client = new MongoClient(uri);
  for (const { ns, cursor } of reply!["cursor"].firstBatch) {
    const [database, ...collection] = ns.split(".");
    const command = { killCursors: collection.join("."), cursors: [cursor.cursorId] };
    await client.db(database).command(command);
  }
  await client.close();
}

async function stepDown(uri: string): Promise<void> {
  const direct = `${uri}&directConnection=true`;
  await onAdmin(direct, { replSetStepDown: 1, force: true });
  const back = await waitUntil(systemClock, LIMIT_MS, async () => {
    const [hello] = await onAdmin(direct, { hello: 1 });
    return hello!["isWritablePrimary"] === true ? true : undefined;
  });
  assert.ok(back, "the member did not become primary again");
}

async function loseHistory(under: MongoUnderTest): Promise<void> {
  const start = await here(under);
  await under.insert(2);
  await using stale = await openFrom(under, start);
  await stale.cursor.next(1);
  const { operationTime } = start;
  const big = { text: "x".repeat(100_000) };
  const isLost = await waitUntil(systemClock, LIMIT_MS, async () => {
    await under.db.collection("orders").insertMany(Array.from({ length: 40 }, () => ({ ...big })));
    const { oldestOplogTime } = await under.source.describe(never);
    return compareClusterTimes(oldestOplogTime!, operationTime) > 0 ? true : undefined;
  });
  assert.ok(isLost, "the oplog still reaches back");
  // The open cursor does not know yet how much is lost; opening again tells.
  await assert.rejects(stale.cursor.next(100), TransientError);
  await assert.rejects(openFrom(under, start), (error) => {
    assert.ok(error instanceof HistoryLostError, String(error));
    assert.match(error.message, /ON_HISTORY_LOST=restart/);
    return true;
  });
  const oldest = await readFromOldest(under);
  assert.deepEqual(oldest, positionAt(oldest.operationTime));
}

/** The server goes on deleting: until the first reply is read, the oldest entry may go, too. */
async function readFromOldest(under: MongoUnderTest): Promise<Position> {
  for (;;) {
    const oldest = await under.source.oldestPosition(never);
    try {
      await using opened = await openFrom(under, oldest);
      await readTo(opened.cursor, oldest);
      return oldest;
    } catch (error) {
      if (!(error instanceof HistoryLostError)) throw error;
    }
  }
}
