import assert from "node:assert/strict";
import { BSON, Long, Timestamp } from "mongodb";
import { HistoryLostError, TransientError } from "../../../../../src/model/errors.ts";
import type { Piece } from "../../../../../src/model/snapshot.ts";
import { DocumentCursorAtOneTime } from "../../../../../src/source/mongo/documents/document_cursor.ts";
import { SETTINGS } from "../../../../support/lake_world.ts";
import { fakeClient, serverError } from "../../fake_client.ts";

const NEVER = new AbortController().signal;
const PIECE: Piece = { database: "shop", collection: "orders", uuid: "0".repeat(32) };
const TIME = { t: 7, i: 2 };
const A = btoa(String.fromCharCode(...BSON.serialize({ _id: "a" })));
const B = btoa(String.fromCharCode(...BSON.serialize({ _id: "b" })));

function reply(id: number, at: object = { atClusterTime: new Timestamp(TIME) }) {
  const cursor = BSON.serialize({
    ...{ firstBatch: [{ _id: 1 }], ...at, id: Long.fromNumber(id), ns: "shop.orders" },
  });
  return { cursor };
}

function cursorOf(
  answers: readonly unknown[],
  request: { piece?: Piece; from?: string; to?: string; at?: typeof TIME } = {},
) {
  const left = [...answers];
  const { client, sent } = fakeClient(() => {
    const next = left.shift();
    if (next instanceof Error) throw next;
    return next ?? {};
  });
  const whole = { piece: PIECE, suffix: "0".repeat(12), row: 5, settings: SETTINGS, ...request };
  return { cursor: new DocumentCursorAtOneTime(client, whole, NEVER), sent };
}

Deno.test("a part is asked for by bounds that lose no key there can be, of one collection, in order", async () => {
  const asked = async (request: Parameters<typeof cursorOf>[1]) => {
    const { cursor, sent } = cursorOf([reply(0)], request);
    await cursor.next(10);
    const { sort, collectionUUID, readConcern, find, batchSize, ...bounds } = sent[0]!.command;
    assert.deepEqual([sort, find, batchSize], [{ _id: 1 }, "orders", 10]);
    assert.equal(collectionUUID.sub_type, 4);
    assert.equal(readConcern.level, "snapshot");
    return bounds;
  };
  const hint = { _id: 1 };
  const id = (text: string) => new Map([["_id", text]]);
  assert.deepEqual(await asked({}), {});
  assert.deepEqual(await asked({ to: B }), { max: id("b"), hint });
  assert.deepEqual(await asked({ from: A, to: B }), { min: id("a"), max: id("b"), hint });
  assert.deepEqual(await asked({ piece: { ...PIECE, from: A, to: B }, from: B }), {
    ...{ min: id("b"), max: id("b"), hint },
  });
  assert.deepEqual(await asked({ from: A }), {
    ...{ filter: { $expr: { $gte: ["$_id", { $literal: "a" }] } }, hint },
  });
  assert.deepEqual(await asked({ piece: { ...PIECE, only: A } }), {
    ...{ filter: { $expr: { $eq: ["$_id", { $literal: "a" }] } }, hint },
  });
});

Deno.test("a cursor goes on at its time until the server ends it, and is killed where it is left", async () => {
  const { cursor, sent } = cursorOf([reply(9), reply(0, {})]);
  assert.equal((await cursor.next(1)).state, "more");
  const last = await cursor.next(1);
  assert.deepEqual([last.state, last.at, last.invalidated], ["ended", TIME, true]);
  await cursor.close();
  assert.deepEqual(sent.map(({ command }) => Object.keys(command)[0]), ["find", "getMore"]);
  const left = cursorOf([reply(9)]);
  await left.cursor.next(1);
  await left.cursor.close();
  assert.deepEqual(Object.keys(left.sent[1]!.command), ["killCursors", "cursors"]);
});

Deno.test("what a refusal means depends on whether a time was asked for, and on when it comes", async () => {
  for (const code of [26, 361]) {
    const { cursor } = cursorOf([serverError(code)]);
    assert.equal((await cursor.next(1)).state, "gone");
  }
  // Open, it may be the time that cannot be read any more.
  const open = cursorOf([reply(9), serverError(26)]);
  await open.cursor.next(1);
  await assert.rejects(open.cursor.next(1));
  for (const code of [72, 239, 246]) {
    await assert.rejects(cursorOf([serverError(code)]).cursor.next(1), TransientError);
    const { cursor } = cursorOf([serverError(code)], { at: TIME });
    await assert.rejects(cursor.next(1), HistoryLostError);
  }
});

Deno.test("an answer that does not say of which time it is counts for nothing", async () => {
  await assert.rejects(cursorOf([reply(0, {})]).cursor.next(1), /does not say of which time/);
});
