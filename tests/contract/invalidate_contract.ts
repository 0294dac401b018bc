import assert from "node:assert/strict";
import { positionAfterToken } from "../../src/model/position.ts";
import {
  here,
  openFrom,
  operations,
  readToInvalidate,
  readUntil,
  type SourceUnderTest,
} from "./source_contract.ts";

/** What every source does where the server ends a change stream. */
export function testInvalidates(name: string, open: () => Promise<SourceUnderTest>): void {
  Deno.test(`${name}: a drop ends the stream, and it goes on after it`, async () => {
    await using under = await open();
    await under.insert(1);
    const start = await here(under);
    await under.insert(2);
    await under.drop();
    await under.insert(3);
    await under.drop();
    await under.insert(1);
    const first = await readToInvalidate(under, start);
    assert.deepEqual(operations(first.events), ["insert", "insert", "drop", "invalidate"]);
    assert.equal(first.highWater.invalidate, true);
    const second = await readToInvalidate(under, first.highWater);
    const operationsOfSecond = operations(second.events);
    assert.deepEqual(operationsOfSecond, [...Array(3).fill("insert"), "drop", "invalidate"]);
    await using third = await openFrom(under, second.highWater);
    assert.deepEqual(operations(await readUntil(third.cursor, 1, 100)), ["insert"]);
  });

  Deno.test(`${name}: a rename ends the streams of both names, and they go on after it`, async () => {
    await using under = await open();
    await under.insert(1);
    await under.insert(1, "next");
    const start = await here(under);
    await under.rename("next", "orders");
    await under.insert(2);
    await under.rename("orders", "next");
    const first = await readToInvalidate(under, start);
    assert.deepEqual(operations(first.events), ["rename", "invalidate"]);
    const second = await readToInvalidate(under, first.highWater);
    assert.deepEqual(operations(second.events), ["insert", "insert", "rename", "invalidate"]);
    const next = { ...under, stream: { ...under.stream, collection: "next" } };
    const other = await readToInvalidate(next, start);
    assert.deepEqual(operations(other.events), ["rename", "invalidate"]);
    assert.deepEqual(other.events, first.events, "one token, whoever reads it");
  });
  testEnds(name, open);
}

function testEnds(name: string, open: () => Promise<SourceUnderTest>): void {
  Deno.test(`${name}: an ended cursor cannot be read on`, async () => {
    await using under = await open();
    await under.insert(1);
    const start = await here(under);
    await under.drop();
    await using opened = await openFrom(under, start);
    while (!(await opened.cursor.next(10)).invalidated);
    await assert.rejects(opened.cursor.next(10), /has ended/);
  });

  Deno.test(`${name}: opened anywhere before a drop, the stream ends in the same place`, async () => {
    await using under = await open();
    await under.insert(1);
    const start = await here(under);
    await under.insert(2);
    await under.drop();
    const whole = await readToInvalidate(under, start);
    for (const [index, event] of whole.events.entries()) {
      const again = await readToInvalidate(under, positionAfterToken(event.data));
      assert.deepEqual(again.events, whole.events.slice(index + 1));
      assert.deepEqual(again.highWater, whole.highWater);
    }
  });

  Deno.test(`${name}: every partition ends at a drop, and one sees it`, async () => {
    await using under = await open();
    await under.insert(1);
    const start = await here(under);
    await under.drop();
    const seen: string[] = [];
    for (const index of [1, 2]) {
      const stream = { ...under.stream, partition: { epoch: 1, index, of: 2 } };
      const { events, highWater } = await readToInvalidate(under, start, { stream });
      seen.push(...operations(events));
      await using after = await openFrom(under, highWater, { stream });
      assert.equal((await after.cursor.next(10)).starts.length, 0);
    }
    assert.deepEqual(seen, ["drop", "invalidate"]);
  });
}
