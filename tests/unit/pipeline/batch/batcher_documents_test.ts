/** Documents of which the encoder makes the events, beside these events themselves: what comes of them is the same. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { BSON } from "bson";
import fc from "fast-check";
import { snapshotEvents } from "../../../../src/bson/event/snapshot_event.ts";
import { encodeEvents } from "../../../../src/encode/encode_events.ts";
import { Scratch } from "../../../../src/encode/scratch.ts";
import { positionAfterTime, positionAfterToken } from "../../../../src/model/position.ts";
import { rowToken } from "../../../../src/model/snapshot.ts";
import { Batcher } from "../../../../src/pipeline/batch/batcher.ts";
import type { ReadableReply } from "../../../../src/pipeline/read/readable_reply.ts";
import { ORDERS } from "../../../support/lake_world.ts";

const TIME = { t: 1_795_194_000, i: 7 };
const ROWS = { database: "shop", collection: "orders", time: TIME, suffix: "0".repeat(12), row: 0 };
const ENCODING = { format: "jsonl", compression: "none", jsonMode: "relaxed" } as const;
/** A type that BSON does not have. */
const NO_TYPE = 0x42;

/** As the server's replies hold them: with what is between the elements of an array. */
function documents(ids: readonly unknown[], first: number, broken: ReadonlySet<number>) {
  const parts: Uint8Array[] = [];
  let at = 0;
  const starts = ids.map((_id, i) => {
    const document = BSON.serialize({ _id, value: i, text: "é".repeat(i % 7) });
    if (broken.has(first + i)) document[Buffer.from(document).indexOf("value") - 1] = NO_TYPE;
    parts.push(Uint8Array.of(3, 48, 0), document);
    const start = at + 3;
    at = start + document.length;
    return start;
  });
  return { bytes: new Uint8Array(Buffer.concat(parts)), starts: Uint32Array.from(starts) };
}

interface Case {
  readonly replies: readonly (readonly unknown[])[];
  readonly rowsMax: number;
  readonly aside: readonly number[];
  readonly broken: readonly number[];
}

/** All that comes of them, batch by batch. */
async function outcome({ replies, rowsMax, aside, broken }: Case, asEvents: boolean) {
  const setAside = new Map(
    aside.map((row) => [rowToken(TIME, ROWS.suffix, row), `row ${row}`]),
  );
  const limits = { rowsMax, bytesMax: 1 << 20, objectsMax: 10 };
  const batcher = new Batcher(ORDERS, positionAfterTime(TIME), "hour", limits, setAside);
  const found: unknown[] = [];
  const note = async () => {
    const batch = batcher.cut();
    if (batch === undefined) return;
    const { to, firstToken, rows, unreadable, objects } = batch;
    const encoded = [];
    for (const { database, collection, bucket, chunks } of objects) {
      const request = { encoding: ENCODING, chunks };
      const { bytes, failed, ...rest } = await encodeEvents(request, new Scratch());
      const text = new TextDecoder().decode(bytes);
      const letters = failed.map(({ event }) => Buffer.from(event).toString("hex"));
      encoded.push({ database, collection, bucket, text, letters, ...rest });
    }
    const letters = unreadable.map((u) => ({ ...u, event: Buffer.from(u.event).toString("hex") }));
    found.push({ to, firstToken, rows, letters, encoded: encoded.filter((o) => o.rows > 0) });
  };
  let row = 0;
  for (const ids of replies) {
    const made = documents(ids, row, new Set(broken));
    const rows = { ...ROWS, row };
    row += ids.length;
    const highWater = row === 0
      ? positionAfterTime(TIME)
      : positionAfterToken(rowToken(TIME, ROWS.suffix, row - 1));
    const facts = { highWater, invalidated: false, waitMs: 0 };
    const reply: ReadableReply = asEvents
      ? { ...snapshotEvents(made.bytes, made.starts, rows), ...facts }
      : { ...made, rows, ...facts };
    const hand = { reply, next: 0 };
    while (!batcher.add(hand)) await note();
  }
  await note();
  return { found, position: batcher.position };
}

Deno.test("documents become the rows, letters and positions that their events become", async () => {
  const id = fc.oneof(fc.integer(), fc.string(), fc.constant(null), fc.record({ a: fc.integer() }));
  const row = fc.integer({ min: 0, max: 12 });
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        replies: fc.array(fc.array(id, { maxLength: 5 }), { maxLength: 5 }),
        rowsMax: fc.integer({ min: 1, max: 6 }),
        aside: fc.array(row, { maxLength: 3 }),
        broken: fc.array(row, { maxLength: 2 }),
      }),
      async (each) => assert.deepEqual(await outcome(each, false), await outcome(each, true)),
    ),
    { numRuns: 200 },
  );
});
