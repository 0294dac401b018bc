import assert from "node:assert/strict";
import { type Document, Timestamp } from "mongodb";
import { HistoryLostError, PermanentError, TransientError } from "../../../../src/model/errors.ts";
import {
  type Position,
  positionAfterTime,
  positionAfterToken,
  positionAt,
} from "../../../../src/model/position.ts";
import { checkHistory, judgeError, oldestPosition } from "../../../../src/source/mongo/history.ts";
import { greet } from "../../../../src/source/mongo/server_facts.ts";
import { fakeClient, serverError } from "../fake_client.ts";

const never = new AbortController().signal;
const ACTION = "read on";

interface World {
  /** Seconds of the oplog's oldest entry; undefined where it may not be read. */
  readonly oldest?: number;
  readonly isFirstEver?: boolean;
  readonly isMongos?: boolean;
  readonly secondary?: boolean;
  /** Second of the last entry before a restore; the next entry is that of second 100. */
  readonly restoredFrom?: number;
}

/** A server whose last operation is at second 100. */
function server(world: World) {
  return fakeClient((command: Document) => {
    if (command["hello"] !== undefined) {
      const operationTime = new Timestamp({ t: 100, i: 1 });
      if (world.isMongos) return { msg: "isdbgrid", $clusterTime: { clusterTime: operationTime } };
      return { setName: "rs0", operationTime, secondary: world.secondary ?? false };
    }
    if (world.oldest === undefined) throw serverError(13);
    if (command["filter"] !== undefined) {
      return { cursor: { firstBatch: entriesBetween(world, command["filter"].ts) } };
    }
    const o = { msg: world.isFirstEver ? "initiating set" : "periodic noop" };
    const ts = new Timestamp({ t: world.oldest, i: 1 });
    return { cursor: { firstBatch: [{ ts, op: "n", o }] } };
  }).client;
}

/** There is one entry a second, except where the server was restored. */
function entriesBetween(world: World, range: { $gte: Timestamp; $lte: Timestamp }): Document[] {
  const seconds = Array.from({ length: 101 - world.oldest! }, (_, i) => world.oldest! + i);
  return seconds.filter((second) => second <= (world.restoredFrom ?? 100) || second === 100)
    .map((t) => ({ ts: new Timestamp({ t, i: 1 }) }))
    .filter(({ ts }) => ts.gte(range.$gte) && ts.lte(range.$lte)).slice(0, 1);
}

async function check(world: World, seconds: number): Promise<void> {
  await checkPosition(world, positionAt({ t: seconds, i: 1 }));
}

async function checkPosition(world: World, from: Position): Promise<void> {
  const client = server(world);
  await checkHistory(client, await greet(client), from, never);
}

/** The high-water mark of that second. */
function markAt(seconds: number): Position {
  const hex = seconds.toString(16).toUpperCase().padStart(8, "0");
  return positionAfterToken(`82${hex}000000022B0229296E04`);
}

Deno.test("checkHistory accepts positions between the oldest entry and the last operation", async () => {
  for (const seconds of [50, 75, 100]) await check({ oldest: 50 }, seconds);
});

Deno.test("checkHistory refuses positions before the oldest entry, unless it is the first ever", async () => {
  await assert.rejects(check({ oldest: 50 }, 49), HistoryLostError);
  await check({ oldest: 50, isFirstEver: true }, 49);
});

Deno.test("checkHistory leaves the oldest entry to the server where it may not be read", async () => {
  await check({}, 1);
  await check({ isMongos: true }, 1);
});

Deno.test("checkHistory refuses a position well after the server's last operation", async () => {
  await assert.rejects(check({ oldest: 50 }, 111), (error) => {
    assert.ok(error instanceof HistoryLostError);
    assert.match(error.message, /111\.1.*100\.1.*restored/);
    return true;
  });
  await assert.rejects(check({ oldest: 50, secondary: true }, 111), TransientError);
});

Deno.test("checkHistory accepts the high-water mark of an idle stream, which is ahead of the server", async () => {
  await check({ oldest: 50 }, 101);
  await check({ oldest: 50 }, 110);
});

Deno.test("checkHistory refuses a position of which the oplog knows nothing, also when its time has passed", async () => {
  const world = { oldest: 20, restoredFrom: 40 };
  for (const from of [markAt(51), markAt(70), markAt(89), positionAfterTime({ t: 70, i: 1 })]) {
    await assert.rejects(checkPosition(world, from), (error) => {
      assert.ok(error instanceof HistoryLostError);
      assert.match(error.message, /no operation of that time.*restored.*position adopt/);
      return true;
    });
  }
});

Deno.test("checkHistory accepts every position near an operation, and any time that a person names", async () => {
  const world = { oldest: 20, restoredFrom: 40 };
  for (const seconds of [20, 40, 41, 50, 90, 100, 109]) {
    await checkPosition(world, markAt(seconds));
  }
  await check(world, 70);
  await checkPosition({ oldest: 50, isFirstEver: true }, markAt(30));
  await checkPosition({}, markAt(70));
  await checkPosition({ isMongos: true }, markAt(70));
});

Deno.test("judgeError believes in lost history where the oplog agrees or cannot be asked", async () => {
  const at = positionAt({ t: 60, i: 1 });
  const judge = (world: World, code: number, said = "no") => {
    return judgeError(server(world), serverError(code, said), at, ACTION);
  };
  const table: [World, number, new (message: string) => Error][] = [
    [{ oldest: 70 }, 286, HistoryLostError],
    [{ oldest: 70 }, 280, HistoryLostError],
    [{ oldest: 70 }, 260, HistoryLostError],
    [{}, 286, HistoryLostError],
    [{ isMongos: true }, 280, HistoryLostError],
    [{ oldest: 50 }, 286, TransientError],
    [{ oldest: 50 }, 260, PermanentError],
    [{ oldest: 50 }, 280, HistoryLostError],
    [{ oldest: 50 }, 189, TransientError],
    [{ oldest: 70 }, 136, TransientError],
  ];
  for (const [world, code, type] of table) {
    const error = await judge(world, code);
    assert.ok(error instanceof type, `${code}: ${error.name}: ${error.message}`);
  }
  const modified = await judge({ oldest: 50 }, 280, "event _id was modified by the pipeline");
  assert.ok(modified instanceof PermanentError);
  assert.match((await judge({}, 286)).message, /could not be looked at/);
});

Deno.test("judgeError is transient where the oplog cannot be asked for the moment", async () => {
  const client = fakeClient(() => {
    throw serverError(189);
  }).client;
  const error = await judgeError(client, serverError(286), positionAt({ t: 60, i: 1 }), ACTION);
  assert.ok(error instanceof TransientError, String(error));
});

Deno.test("judgeError keeps what was judged before", async () => {
  const own = new HistoryLostError("lost");
  assert.equal(
    await judgeError(server({ oldest: 1 }), own, positionAt({ t: 60, i: 1 }), ACTION),
    own,
  );
});

Deno.test("oldestPosition is the oldest entry, or says why there is none", async () => {
  assert.deepEqual(
    await oldestPosition(server({ oldest: 50 }), never),
    positionAt({ t: 50, i: 1 }),
  );
  await assert.rejects(oldestPosition(server({}), never), /may not read local\.oplog\.rs/);
  await assert.rejects(oldestPosition(server({ isMongos: true }), never), /mongos/);
});
