import assert from "node:assert/strict";
import { TransientError } from "../../../src/model/errors.ts";
import { type Position, positionAfterToken, positionAt } from "../../../src/model/position.ts";
import type { EventCursor, OpenRequest, Source, SourceReply } from "../../../src/pipeline/ports.ts";
import { tokenData } from "../../../src/source/memory/memory_token.ts";
import { isByNamespace, openAsSet } from "../../../src/source/namespace_cursor.ts";
import { PLAIN_SETTINGS } from "../../contract/source_contract.ts";

const never = new AbortController().signal;
const uuid = "0".repeat(32);
const END: Position = {
  ...positionAfterToken(tokenData({ time: { t: 7, i: 1 }, fromInvalidate: true, uuid })),
  invalidate: true,
};
const REQUEST: OpenRequest = {
  stream: { level: "collection", database: "shop", collection: "orders" },
  from: positionAt({ t: 1, i: 1 }),
  settings: { ...PLAIN_SETTINGS, reading: "namespace" },
  images: "as-set",
};

const ended: SourceReply = {
  bytes: new Uint8Array(0),
  starts: new Uint32Array(0),
  highWater: END,
  invalidated: true,
  waitMs: 0,
};

/** Change streams that end at once; `opening` waits for each but the first. */
function endings(opening: (signal: AbortSignal) => Promise<void> = () => Promise.resolve()) {
  const opened: Position[] = [];
  let closed = 0;
  const open: Source["open"] = async ({ from }, signal): Promise<EventCursor> => {
    opened.push(from);
    if (opened.length > 1) await opening(signal);
    return { next: () => Promise.resolve(ended), close: () => Promise.resolve(void closed++) };
  };
  return { open, opened, closed: () => closed };
}

Deno.test("isByNamespace: only a whole collection is read so, and only where its settings say it", () => {
  assert.equal(isByNamespace(REQUEST), true);
  assert.equal(isByNamespace({ ...REQUEST, settings: PLAIN_SETTINGS }), false);
  const partition = { epoch: 1, index: 1, of: 2 };
  const part = { level: "collection", database: "a", collection: "b", partition } as const;
  assert.equal(isByNamespace({ ...REQUEST, stream: part }), false);
  assert.equal(isByNamespace({ ...REQUEST, stream: { level: "database", database: "a" } }), false);
});

Deno.test("openAsSet goes on behind the server's own token, and tells of no end", async () => {
  const { open, opened, closed } = endings();
  const cursor = await openAsSet(open, REQUEST, never);
  const { invalidate: _, ...mark } = END;
  assert.deepEqual(await cursor.next(1), { ...ended, highWater: mark, invalidated: false });
  assert.equal(closed(), 1);
  await cursor.next(1).catch(() => {});
  assert.deepEqual(opened, [REQUEST.from, END]);
});

Deno.test("openAsSet gives up where the server ends a change stream at its beginning", async () => {
  const { open, closed } = endings();
  const cursor = await openAsSet(open, REQUEST, never);
  await cursor.next(1);
  await assert.rejects(cursor.next(1), TransientError);
  assert.equal(closed(), 2);
});

Deno.test("openAsSet opens once more where a position is that of an invalidate and not marked so", async () => {
  const { open, opened } = endings();
  const { invalidate: _, ...from } = END;
  const cursor = await openAsSet(open, { ...REQUEST, from }, never);
  assert.deepEqual((await cursor.next(1)).highWater, from);
  await cursor.next(1).catch(() => {});
  assert.deepEqual(opened, [from, END]);
});

Deno.test("openAsSet: close ends the opening of the next change stream", async () => {
  const { open, closed } = endings((signal) =>
    new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error));
    })
  );
  const cursor = await openAsSet(open, REQUEST, never);
  await cursor.next(1);
  const rejected = assert.rejects(cursor.next(1), TransientError);
  await cursor.close();
  await rejected;
  await assert.rejects(cursor.next(1), TransientError);
  assert.equal(closed(), 1);
});

Deno.test("openAsSet: a change stream that opens after close is closed", async () => {
  let go = () => {};
  const { open, closed } = endings(() => new Promise((resolve) => go = resolve));
  const cursor = await openAsSet(open, REQUEST, never);
  await cursor.next(1);
  const waiting = cursor.next(1).catch(() => {});
  await cursor.close();
  go();
  await waiting;
  assert.ok(closed() >= 2);
});
