import assert from "node:assert/strict";
import { BSON, type ClientSession, type Document } from "mongodb";
import { PermanentError, TransientError } from "../../../../src/model/errors.ts";
import {
  type Position,
  positionAfterTime,
  positionAfterToken,
  positionAt,
} from "../../../../src/model/position.ts";
import { tokenData } from "../../../../src/source/memory/memory_token.ts";
import { MongoCursor } from "../../../../src/source/mongo/mongo_cursor.ts";
import { type Clock, systemClock } from "../../../../src/support/clock.ts";
import { fakeClient } from "../fake_client.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const FROM = positionAt({ t: 1, i: 1 });

function token(i: number, fromInvalidate = false): string {
  return tokenData({ time: { t: 7, i }, fromInvalidate, uuid: "0".repeat(32) });
}

function reply(id: bigint, ordinals: number[], mark: string): Document {
  const nextBatch = ordinals.map((i) => ({ _id: { _data: token(i) } }));
  const cursor = { nextBatch, postBatchResumeToken: { _data: mark }, id, ns: "shop.orders" };
  return { cursor: BSON.serialize(cursor) };
}

function open(
  answer: (command: Document) => unknown,
  clock: Clock = systemClock,
  idle = { awaitMsMax: 0 },
  from = FROM,
) {
  const { client, sent } = fakeClient(answer);
  const judged: Position[] = [];
  let sessionsEnded = 0;
  const replied: number[] = [];
  const session = { endSession: () => Promise.resolve(void sessionsEnded++) };
  const cursor = new MongoCursor({
    db: client.db("shop"),
    session: session as unknown as ClientSession,
    id: 7n,
    collection: "orders",
    from,
    mergeFragments: false,
    awaitMs: 1234,
    replied: (bytes) => void replied.push(bytes),
    idleAwaitMsMax: () => idle.awaitMsMax,
    clock,
    judge: (error, position) => {
      judged.push(position);
      return Promise.resolve(new TransientError("judged", { cause: error }));
    },
  });
  return { cursor, sent, judged, replied, sessionsEnded: () => sessionsEnded };
}

Deno.test("MongoCursor sends getMore with the rows and the wait it was given", async () => {
  const { cursor, sent } = open(() => reply(7n, [1, 2], token(2)));
  const { starts, highWater, invalidated } = await cursor.next(50);
  assert.equal(starts.length, 2);
  assert.deepEqual(highWater, positionAfterToken(token(2)));
  assert.equal(invalidated, false);
  const getMore = { getMore: 7n, collection: "orders", batchSize: 50, maxTimeMS: 1234 };
  assert.deepEqual(sent[0]!.command, getMore);
  assert.equal(sent[0]!.options["raw"], true);
  await cursor.close();
});

Deno.test("MongoCursor tells how large each reply was", async () => {
  let size = 0;
  const { cursor, replied } = open(() => {
    const answer = reply(7n, [1, 2], token(2));
    size = (answer["cursor"] as Uint8Array).length;
    return answer;
  });
  await cursor.next(50);
  await cursor.next(50);
  assert.deepEqual(replied, [size, size]);
  assert.ok(size > 0);
  await cursor.close();
});

Deno.test("MongoCursor lets an idle stream wait longer and longer, up to what is allowed now, and a busy one not", async () => {
  const ordinals = [[], [], [], [], [], [1], []];
  const idle = { awaitMsMax: 8 * 1234 };
  const { cursor, sent } = open(
    (command) => command["getMore"] ? reply(7n, ordinals.shift()!, token(1)) : { ok: 1 },
    systemClock,
    idle,
  );
  for (let i = 0; i < 4; i++) await cursor.next(50);
  idle.awaitMsMax = 3 * 1234;
  for (let i = 0; i < 3; i++) await cursor.next(50);
  const waits = sent.map(({ command }) => Math.ceil(command["maxTimeMS"] / 1234));
  assert.deepEqual(waits, [1, 2, 4, 8, 8, 3, 1], "rounded up: they are a little shorter");
  assert.equal(sent.at(-1)!.command["maxTimeMS"], 1234, "that of a busy stream is what it is");
  await cursor.close();
});

Deno.test("MongoCursor lets the waits of idle streams end together", async () => {
  const ends = [];
  for (const nowMs of [70_000.25, 70_300.5, 71_100]) {
    const clock = new VirtualClock({ monotonicMs: nowMs });
    const idle = { awaitMsMax: 20_000 };
    const { cursor, sent } = open(
      (command) => command["getMore"] ? reply(7n, [], token(1)) : { ok: 1 },
      clock,
      idle,
    );
    for (let i = 0; i < 7; i++) await cursor.next(50);
    ends.push(Math.floor(nowMs + sent.at(-1)!.command["maxTimeMS"]));
    await cursor.close();
  }
  assert.deepEqual(ends, [90_000, 90_000, 90_000]);
});

Deno.test("MongoCursor has sent the next getMore when it gives a reply, if it may ask ahead", async () => {
  let replies = 0;
  const { cursor, sent } = open(() => reply(7n, [++replies], token(replies)));
  const first = await cursor.next(50, () => 20);
  assert.deepEqual(first.highWater, positionAfterToken(token(1)));
  assert.deepEqual(sent.map(({ command }) => command["batchSize"]), [50, 20]);
  const second = await cursor.next(99, () => 0);
  assert.deepEqual(second.highWater, positionAfterToken(token(2)));
  const third = await cursor.next(30);
  assert.deepEqual(third.highWater, positionAfterToken(token(3)));
  assert.deepEqual(sent.map(({ command }) => command["batchSize"]), [50, 20, 30]);
  await cursor.close();
});

Deno.test("MongoCursor asks nothing ahead of a stream that has ended", async () => {
  const { cursor, sent } = open(() => reply(0n, [2], token(2, true)));
  assert.equal((await cursor.next(50, () => 20)).invalidated, true);
  assert.equal(sent.length, 1);
  await cursor.close();
});

Deno.test("MongoCursor tells of a request ahead that failed when it is asked for its reply", async () => {
  let replies = 0;
  const { cursor, judged } = open((command) => {
    if (command["getMore"] && replies++ > 0) throw new Error("broken");
    return reply(7n, [1], token(1));
  });
  const { highWater } = await cursor.next(50, () => 20);
  await assert.rejects(cursor.next(50), /judged/);
  assert.deepEqual(judged, [highWater]);
  await cursor.close();
});

Deno.test("MongoCursor marks the position after an invalidate and ends there", async () => {
  const mark = token(2, true);
  const { cursor, sent } = open(() => reply(0n, [2], mark));
  const { highWater, invalidated } = await cursor.next(50);
  assert.equal(invalidated, true);
  assert.deepEqual(highWater, { ...positionAfterToken(mark), invalidate: true });
  await assert.rejects(cursor.next(50), PermanentError);
  await cursor.close();
  assert.equal(sent.length, 1, "a cursor that has ended needs no killCursors");
});

Deno.test("MongoCursor goes on after the server's own token, never after a position that is none", async () => {
  const behind = positionAfterToken(token(2, true).replace("6F5A", "7F5A"));
  for (const from of [positionAfterTime({ t: 7, i: 2 }), behind]) {
    const answer = () => reply(0n, [], token(2, true));
    const { cursor } = open(answer, systemClock, { awaitMsMax: 0 }, from);
    const { highWater, invalidated } = await cursor.next(50);
    assert.equal(invalidated, true);
    assert.deepEqual(highWater, positionAfterTime({ t: 7, i: 2 }));
    await cursor.close();
  }
});

Deno.test("MongoCursor has errors judged at the last position it gave", async () => {
  let replies = 0;
  const { cursor, judged } = open((command) => {
    if (command["getMore"] && replies++ > 0) throw new Error("broken");
    return reply(7n, [1], token(1));
  });
  const { highWater } = await cursor.next(50);
  await assert.rejects(cursor.next(50), /judged/);
  assert.deepEqual(judged, [highWater]);
  await cursor.close();
});

Deno.test("MongoCursor.close tells who waits, kills the cursor and ends the session, once", async () => {
  const { cursor, sent, judged, sessionsEnded } = open((command) => {
    return command["getMore"] ? new Promise(() => {}) : { ok: 1 };
  });
  const waiting = assert.rejects(cursor.next(1), /was closed/);
  await cursor.close();
  await cursor.close();
  await waiting;
  assert.deepEqual(sent.slice(1).map((s) => s.command), [{ killCursors: "orders", cursors: [7n] }]);
  assert.equal((sent[0]!.options["signal"] as AbortSignal).aborted, true);
  assert.equal(sessionsEnded(), 1);
  assert.deepEqual(judged, []);
});

Deno.test("MongoCursor.close does not wait for a server that is silent", async () => {
  const clock = new VirtualClock();
  const { cursor, sessionsEnded } = open(() => new Promise(() => {}), clock);
  await clock.finish(cursor.close());
  assert.equal(sessionsEnded(), 1);
});

Deno.test("MongoCursor.close succeeds where the cursor cannot be killed", async () => {
  const { cursor } = open(() => {
    throw new Error("gone");
  });
  await cursor.close();
});
