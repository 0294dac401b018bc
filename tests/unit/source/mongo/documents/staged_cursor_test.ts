import assert from "node:assert/strict";
import { BSON, type Document, Long, Timestamp } from "mongodb";
import { STAGED_ID } from "../../../../../src/bson/event/staged_event.ts";
import { PermanentError } from "../../../../../src/model/errors.ts";
import { StagedDocumentCursor } from "../../../../../src/source/mongo/documents/staged_cursor.ts";
import { SETTINGS } from "../../../../support/lake_world.ts";
import { fakeClient, serverError } from "../../fake_client.ts";

const NEVER = new AbortController().signal;
const TIME = { t: 7, i: 2 };
const piece = { database: "shop", collection: "orders", uuid: "0".repeat(32) };
const TOO_LARGE = serverError(10334);

/** A server with documents whose `_id`s are numbers; of these one is too large for more than its names. */
function serverOf(ids: readonly number[], large: number) {
  const boundsOf = ({ pipeline: [{ $match }] }: Document) => {
    const all: Document[] = $match.$expr?.$and ?? [];
    const value = (name: string) => all.find((each) => name in each)?.[name][1].$literal;
    const [from, after, to] = [value("$gte"), value("$gt"), value("$lt")];
    return (id: number) => !(id < from) && !(id <= after) && !(id >= to);
  };
  return fakeClient((command) => {
    if ("killCursors" in command) return {};
    const at = { atClusterTime: new Timestamp(TIME) };
    const reply = (firstBatch: Document[]) => {
      return { cursor: BSON.serialize({ firstBatch, ...at, id: Long.ZERO, ns: "shop.orders" }) };
    };
    if ("find" in command) {
      const from = command["filter"]?.$expr.$gte[1].$literal ?? -Infinity;
      const rest = ids.filter((id) => id >= from && !(id >= command["max"]?.get("_id")));
      const _id = rest[command["skip"] ?? 0];
      return reply(_id === undefined ? [] : [{ _id }]);
    }
    const wanted = ids.filter(boundsOf(command));
    const [, , { $replaceWith }] = command["pipeline"];
    if ("fullDocument" in $replaceWith && wanted.includes(large)) throw TOO_LARGE;
    return reply(wanted.map((id) => ({
      ...{
        _id: { _data: "82", [STAGED_ID]: id },
        operationType: "insert",
        documentKey: { _id: id },
      },
    })));
  });
}

function cursorOf(client: ConstructorParameters<typeof StagedDocumentCursor>[0]) {
  const settings = { ...SETTINGS, stages: [{ $match: {} }] };
  return new StagedDocumentCursor(
    client,
    { piece, suffix: "0".repeat(12), row: 0, settings },
    NEVER,
  );
}

Deno.test("a document that is too large with its stages is alone in the end, and all others are read once", async () => {
  const ids = Array.from({ length: 100 }, (_, i) => i);
  const { client } = serverOf(ids, 57);
  const cursor = cursorOf(client);
  const read: number[] = [];
  const unreadable: Document[] = [];
  for (let isOver = false; !isOver;) {
    const reply = await cursor.next(1000);
    for (const start of reply.starts) {
      const length = new DataView(reply.bytes.buffer).getInt32(start, true);
      read.push(BSON.deserialize(reply.bytes.subarray(start, start + length))["documentKey"]._id);
    }
    if (reply.unreadable !== undefined) unreadable.push(BSON.deserialize(reply.unreadable.event));
    isOver = reply.state === "ended";
  }
  assert.deepEqual(read, ids.filter((id) => id !== 57));
  assert.deepEqual(unreadable.map(({ documentKey }) => documentKey._id), [57]);
  assert.deepEqual(unreadable.map(({ operationType }) => operationType), ["snapshot"]);
});

Deno.test("each command is of the time of the first one", async () => {
  const { client, sent } = serverOf([1, 2], -1);
  await cursorOf(client).next(1000);
  const levels = sent.map(({ command }) => command["readConcern"]);
  assert.deepEqual(levels[0], { level: "snapshot" });
  assert(levels.length > 1);
  for (const each of levels.slice(1)) {
    assert.deepEqual(each, { level: "snapshot", atClusterTime: new Timestamp(TIME) });
  }
});

Deno.test("what is gone shows with the first command, and stages that take the _id away are a mistake", async () => {
  const gone = fakeClient(() => {
    throw serverError(361);
  });
  assert.equal((await cursorOf(gone.client).next(10)).state, "gone");
  const at = { atClusterTime: new Timestamp(TIME) };
  const bare = fakeClient((command) => {
    const firstBatch = "find" in command ? [] : [{ a: 1 }];
    return { cursor: BSON.serialize({ firstBatch, ...at, id: Long.ZERO, ns: "shop.orders" }) };
  });
  await assert.rejects(cursorOf(bare.client).next(10), PermanentError);
});

Deno.test("for a reply no more documents are read than may be, and each is told of once", async () => {
  const ids = Array.from({ length: 25 }, (_, i) => i);
  const { client, sent } = serverOf(ids, -1);
  const cursor = cursorOf(client);
  const replies = [await cursor.next(1000, undefined, 10), await cursor.next(1000, undefined, 5)];
  replies.push(await cursor.next(1000, undefined, 10));
  assert.deepEqual(replies.map(({ starts }) => starts.length), [10, 5, 10]);
  assert.deepEqual(replies.map(({ scanned }) => scanned), [10, 5, 10]);
  const skipped = sent.map(({ command }) => command["skip"]).filter((skip) => skip !== undefined);
  assert.deepEqual(skipped, [10, 5, 10]);
});
