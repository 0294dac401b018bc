import assert from "node:assert/strict";
import { TransientError } from "../../src/model/errors.ts";
import { comparePositions, type Position, positionAfterToken } from "../../src/model/position.ts";
import type { EventCursor } from "../../src/pipeline/ports.ts";
import {
  eventsOf,
  here,
  openFrom,
  operations,
  PLAIN_SETTINGS,
  readTo,
  readToInvalidate,
  type SeenEvent,
  type SourceUnderTest,
} from "./source_contract.ts";

const BY_NAMESPACE = { settings: { ...PLAIN_SETTINGS, reading: "namespace" as const } };

/** Two incarnations that are dropped, and a third; what a reading by namespace is to give of them. */
async function write(under: SourceUnderTest): Promise<Position> {
  await under.insert(1);
  const start = await here(under);
  await under.insert(2);
  await under.drop();
  await under.insert(1);
  await under.drop();
  await under.insert(2);
  return start;
}

const WRITTEN = ["insert", "insert", "drop", "insert", "drop", "insert", "insert"];

/** What a source gives where the settings of a whole collection say `reading: namespace`. */
export function testReadingByNamespace(name: string, open: () => Promise<SourceUnderTest>): void {
  testWhole(name, open);
  testRanges(name, open);
}

function testWhole(name: string, open: () => Promise<SourceUnderTest>): void {
  Deno.test(`${name}: read by namespace, no drop ends the stream or is told twice`, async () => {
    await using under = await open();
    const start = await write(under);
    for (const rowsMax of [1, 2, 3, 100]) {
      await using opened = await openFrom(under, start, BY_NAMESPACE);
      const { events } = await readByNamespace(opened.cursor, await here(under), rowsMax);
      assert.deepEqual(operations(events), WRITTEN);
    }
  });

  Deno.test(`${name}: read by namespace, exactly the rest is read from each event and mark`, async () => {
    await using under = await open();
    const start = await write(under);
    const end = await here(under);
    await using opened = await openFrom(under, start, BY_NAMESPACE);
    const { events, marks } = await readByNamespace(opened.cursor, end, 1);
    const positions = [...events.map(({ data }) => positionAfterToken(data)), ...marks];
    for (const from of positions.filter((each) => comparePositions(each, end) < 0)) {
      await using again = await openFrom(under, from, BY_NAMESPACE);
      const rest = await readByNamespace(again.cursor, end, 2);
      const behind = ({ data }: SeenEvent) => comparePositions(positionAfterToken(data), from) > 0;
      assert.deepEqual(rest.events, events.filter(behind), `from ${from.data}`);
    }
  });

  Deno.test(`${name}: read by namespace, a position of an invalidate is gone on from`, async () => {
    await using under = await open();
    const start = await write(under);
    const { highWater } = await readToInvalidate(under, start);
    await using opened = await openFrom(under, highWater, BY_NAMESPACE);
    const { events } = await readByNamespace(opened.cursor, await here(under), 100);
    assert.deepEqual(operations(events), WRITTEN.slice(3));
  });
}

function testRanges(name: string, open: () => Promise<SourceUnderTest>): void {
  Deno.test(`${name}: read by namespace, a range goes on behind a drop`, async () => {
    await using under = await open();
    const start = await write(under);
    const end = await here(under);
    await using opened = await openFrom(under, start, BY_NAMESPACE);
    const { events } = await readByNamespace(opened.cursor, end, 100);
    for (const [index, { data }] of events.entries()) {
      const through = positionAfterToken(data);
      await using range = await openFrom(under, start, { ...BY_NAMESPACE, through });
      const read = await readByNamespace(range.cursor, through, 100);
      assert.deepEqual(read.events.slice(0, index + 1), events.slice(0, index + 1));
    }
  });

  Deno.test(`${name}: read by namespace, renames onto the name and away from it are its events`, async () => {
    await using under = await open();
    await under.insert(1);
    await under.insert(1, "next");
    const start = await here(under);
    await under.rename("next", "orders");
    await under.insert(2);
    await under.rename("orders", "next");
    await under.insert(1);
    for (const rowsMax of [1, 100]) {
      await using opened = await openFrom(under, start, BY_NAMESPACE);
      const { events } = await readByNamespace(opened.cursor, await here(under), rowsMax);
      assert.deepEqual(operations(events), ["rename", "insert", "insert", "rename", "insert"]);
    }
  });

  Deno.test(`${name}: read by namespace, close makes a waiting next reject`, async () => {
    await using under = await open();
    const start = await write(under);
    await using opened = await openFrom(under, start, BY_NAMESPACE);
    await readTo(opened.cursor, await here(under));
    const rejected = assert.rejects(opened.cursor.next(10), TransientError);
    await opened.cursor.close();
    await rejected;
    await assert.rejects(opened.cursor.next(10), TransientError);
  });
}

/** Reads until everything up to `end` has been seen: no reply may say that the stream has ended. */
export async function readByNamespace(
  cursor: EventCursor,
  end: Position,
  rowsMax: number,
): Promise<{ events: SeenEvent[]; marks: Position[] }> {
  const events: SeenEvent[] = [];
  const marks: Position[] = [];
  for (;;) {
    const reply = await cursor.next(rowsMax);
    assert.equal(reply.invalidated, false);
    assert.equal(reply.highWater.invalidate, undefined);
    assert.ok(reply.starts.length <= rowsMax);
    const last = marks.at(-1);
    if (last !== undefined) assert.ok(comparePositions(reply.highWater, last) >= 0);
    events.push(...eventsOf(reply));
    marks.push(reply.highWater);
    if (comparePositions(reply.highWater, end) >= 0) return { events, marks };
  }
}
