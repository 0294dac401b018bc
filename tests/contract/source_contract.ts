import assert from "node:assert/strict";
import { EventSpans, readEventSpans } from "../../src/bson/event/event_spans.ts";
import { HistoryLostError, TransientError, UnreadableEventError } from "../../src/model/errors.ts";
import {
  comparePositions,
  type Position,
  positionAfterToken,
  positionAt,
} from "../../src/model/position.ts";
import type { StreamSettings } from "../../src/model/settings.ts";
import type { Stream } from "../../src/model/stream.ts";
import type { EventCursor, OpenRequest, Source, SourceReply } from "../../src/pipeline/ports.ts";

/** A source and the means to make changes in what it reads. */
export interface SourceUnderTest extends AsyncDisposable {
  readonly source: Source;
  /** A collection nobody else writes to. */
  readonly stream: Stream & { readonly level: "collection" };
  insert(documents: number, collection?: string): Promise<void>;
  /** Drops the stream's collection, which has documents. */
  drop(): Promise<void>;
  /** Renames a collection that has documents; what had the new name is gone. */
  rename(from: string, to: string): Promise<void>;
  /** Changes a document so that the event cannot be produced where `fullDocument` is required. */
  changeUnreadably(): Promise<void>;
  /** Writes to no collection that the stream watches, so that time passes. */
  passTime(): Promise<void>;
}

/** An event as far as the suite looks at it. */
export interface SeenEvent {
  readonly operation: string;
  readonly data: string;
}

const never = new AbortController().signal;

export const PLAIN_SETTINGS: StreamSettings = {
  fullDocument: "off",
  fullDocumentBeforeChange: "off",
  namespaces: { include: [], exclude: [] },
  stages: [],
  encoding: { format: "jsonl", compression: "none", jsonMode: "relaxed" },
  keyRule: { template: "", bucket: "none" },
  encoderVersion: 1,
};

/** The suite every source passes. */
export function testSourceContract(name: string, open: () => Promise<SourceUnderTest>): void {
  testReading(name, open);
  testRedaction(name, open);
  testPositions(name, open);
  testUnreadable(name, open);
  testClosing(name, open);
}

function testReading(name: string, open: () => Promise<SourceUnderTest>): void {
  Deno.test(`${name}: open gives each later event once, in order`, async () => {
    await using under = await open();
    await under.insert(3);
    const start = await here(under);
    await under.insert(20);
    await using opened = await openFrom(under, start);
    const events = await readUntil(opened.cursor, 20, 100);
    assert.deepEqual(operations(events), Array(20).fill("insert"));
    assert.deepEqual(events.map((e) => e.data).sort(), events.map((e) => e.data));
    assert.equal(new Set(events.map((e) => e.data)).size, 20);
  });

  Deno.test(`${name}: next gives at most the rows it was asked for`, async () => {
    await using under = await open();
    const start = await here(under);
    await under.insert(10);
    await using opened = await openFrom(under, start);
    for (const rowsMax of [1, 3, 6]) {
      const reply = await opened.cursor.next(rowsMax);
      assert.equal(reply.starts.length, rowsMax);
    }
  });

  Deno.test(`${name}: a request ahead changes nothing in what is read`, async () => {
    await using under = await open();
    const start = await here(under);
    await under.insert(20);
    await using opened = await openFrom(under, start);
    const seen: SeenEvent[] = [];
    while (seen.length < 20) seen.push(...eventsOf(await opened.cursor.next(3, () => 3)));
    assert.equal(seen.length, 20);
    assert.equal(new Set(seen.map((e) => e.data)).size, 20);
    assert.deepEqual(seen.map((e) => e.data).sort(), seen.map((e) => e.data));
  });

  Deno.test(`${name}: events of other collections are not seen`, async () => {
    await using under = await open();
    const start = await here(under);
    await under.insert(2, "other");
    await under.insert(1);
    await using opened = await openFrom(under, start);
    assert.equal((await readUntil(opened.cursor, 1, 100)).length, 1);
  });

  Deno.test(`${name}: partitions divide the events among them`, async () => {
    await using under = await open();
    const start = await here(under);
    await under.insert(40);
    await using whole = await openFrom(under, start);
    const all = await readUntil(whole.cursor, 40, 100);
    await under.passTime();
    const found: string[] = [];
    for (const index of [1, 2, 3]) {
      const stream = { ...under.stream, partition: { epoch: 1, index, of: 3 } };
      await using part = await openFrom(under, start, { stream });
      const end = positionAfterToken(all.at(-1)!.data);
      const events = await readTo(part.cursor, end);
      assert.ok(events.length > 0, `partition ${index} is empty`);
      found.push(...events.map((event) => event.data));
    }
    assert.deepEqual(found.sort(), all.map((event) => event.data));
  });
}

function testRedaction(name: string, open: () => Promise<SourceUnderTest>): void {
  Deno.test(`${name}: events lack the fields that the settings name in redact`, async () => {
    await using under = await open();
    const start = await here(under);
    await under.insert(3);
    const fieldsWith = async (settings: StreamSettings) => {
      await using opened = await openFrom(under, start, { settings });
      const found: number[] = [];
      while (found.length < 3) {
        const { bytes, starts } = await opened.cursor.next(1);
        const text = new TextDecoder("latin1").decode(bytes);
        if (starts.length > 0) found.push(text.split("index\0").length - 1);
      }
      return found;
    };
    assert.deepEqual(await fieldsWith(PLAIN_SETTINGS), [1, 1, 1]);
    assert.deepEqual(await fieldsWith({ ...PLAIN_SETTINGS, redact: ["index"] }), [0, 0, 0]);
  });
}

function testPositions(name: string, open: () => Promise<SourceUnderTest>): void {
  Deno.test(`${name}: opened at any event's position, exactly the rest is read`, async () => {
    await using under = await open();
    const start = await here(under);
    await under.insert(8);
    await using opened = await openFrom(under, start);
    const all = await readUntil(opened.cursor, 8, 100);
    for (let index = 0; index < 8; index++) {
      await using again = await openFrom(under, positionAfterToken(all[index]!.data));
      const rest = await readUntil(again.cursor, 7 - index, 100);
      assert.deepEqual(rest, all.slice(index + 1));
    }
  });

  Deno.test(`${name}: opened at each reply's high water, exactly the rest is read`, async () => {
    await using under = await open();
    const start = await here(under);
    await under.insert(9);
    let position = start;
    const seen: SeenEvent[] = [];
    while (seen.length < 9) {
      await using opened = await openFrom(under, position);
      const reply = await opened.cursor.next(2);
      seen.push(...eventsOf(reply));
      position = reply.highWater;
    }
    await using whole = await openFrom(under, start);
    assert.deepEqual(seen, await readUntil(whole.cursor, 9, 100));
  });

  Deno.test(`${name}: the high water never goes back and moves on while idle`, async () => {
    await using under = await open();
    await under.insert(1);
    const start = await here(under);
    await under.insert(2);
    await using opened = await openFrom(under, start);
    let position = start;
    const advance = (reply: SourceReply) => {
      assert.ok(comparePositions(reply.highWater, position) >= 0, "the high water went back");
      for (const event of eventsOf(reply)) {
        assert.ok(comparePositions(positionAfterToken(event.data), reply.highWater) <= 0);
      }
      position = reply.highWater;
    };
    let events = 0;
    while (events < 2) {
      const reply = await opened.cursor.next(100);
      advance(reply);
      events += reply.starts.length;
    }
    const last = position;
    await under.passTime();
    while (comparePositions(position, last) <= 0) {
      const reply = await opened.cursor.next(100);
      assert.equal(reply.starts.length, 0);
      advance(reply);
    }
  });

  Deno.test(`${name}: a position later than the server's own time is lost history`, async () => {
    await using under = await open();
    const { operationTime } = await under.source.describe(never);
    const from = positionAt({ t: operationTime.t + 3600, i: 1 });
    await assert.rejects(under.source.open(request(under, from), never), HistoryLostError);
  });
}

function testUnreadable(name: string, open: () => Promise<SourceUnderTest>): void {
  Deno.test(`${name}: opened just behind an unreadable event, exactly the rest is read`, async () => {
    await using under = await open();
    await under.insert(1);
    const start = await here(under);
    for (let i = 0; i < 2; i++) await under.changeUnreadably();
    await under.insert(2);
    await using opened = await openFrom(under, start, { images: "off" });
    const all = await readUntil(opened.cursor, 4, 100);
    const settings = { ...PLAIN_SETTINGS, fullDocument: "required" as const };
    const first = positionAfterToken(all[0]!.data);
    await using atSecond = await openFrom(under, first, { settings });
    await assert.rejects(atSecond.cursor.next(100), UnreadableEventError);
    const second = positionAfterToken(all[1]!.data);
    await using behind = await openFrom(under, second, { settings });
    assert.deepEqual(await readUntil(behind.cursor, 2, 100), all.slice(2));
  });
}

function testClosing(name: string, open: () => Promise<SourceUnderTest>): void {
  Deno.test(`${name}: close makes a waiting next reject`, async () => {
    await using under = await open();
    await using opened = await openFrom(under, await here(under));
    await readTo(opened.cursor, await here(under));
    const waiting = opened.cursor.next(10);
    const rejected = assert.rejects(waiting, TransientError);
    await opened.cursor.close();
    await rejected;
  });

  Deno.test(`${name}: next after close rejects, and close can be called again`, async () => {
    await using under = await open();
    await using opened = await openFrom(under, await here(under));
    await opened.cursor.close();
    await opened.cursor.close();
    await assert.rejects(opened.cursor.next(10), TransientError);
  });

  Deno.test(`${name}: open rejects where its signal is aborted`, async () => {
    await using under = await open();
    const from = await here(under);
    const aborted = AbortSignal.abort(new Error("enough"));
    await assert.rejects(under.source.open(request(under, from), aborted), /enough/);
  });
}

/** The position of now: all that was written is before it, all that will be is after it. */
export async function here(under: SourceUnderTest): Promise<Position> {
  await under.passTime();
  const { operationTime } = await under.source.describe(never);
  return positionAt(operationTime);
}

export interface OpenedCursor extends AsyncDisposable {
  readonly cursor: EventCursor;
}

export async function openFrom(
  under: SourceUnderTest,
  from: Position,
  overrides: Partial<OpenRequest> = {},
): Promise<OpenedCursor> {
  const cursor = await under.source.open({ ...request(under, from), ...overrides }, never);
  return { cursor, [Symbol.asyncDispose]: () => cursor.close() };
}

function request(under: SourceUnderTest, from: Position): OpenRequest {
  return { stream: under.stream, from, settings: PLAIN_SETTINGS, images: "as-set" };
}

/** Reads until at least so many events have come. */
export async function readUntil(
  cursor: EventCursor,
  events: number,
  rowsMax: number,
): Promise<SeenEvent[]> {
  const seen: SeenEvent[] = [];
  while (seen.length < events) seen.push(...eventsOf(await cursor.next(rowsMax)));
  return seen;
}

/** Reads until everything up to `end` has been seen. */
export async function readTo(cursor: EventCursor, end: Position): Promise<SeenEvent[]> {
  const seen: SeenEvent[] = [];
  while (true) {
    const reply = await cursor.next(100);
    seen.push(...eventsOf(reply));
    if (comparePositions(reply.highWater, end) >= 0) return seen;
  }
}

export async function readToInvalidate(
  under: SourceUnderTest,
  from: Position,
  overrides: Partial<OpenRequest> = {},
): Promise<{ events: SeenEvent[]; highWater: Position }> {
  await using opened = await openFrom(under, from, overrides);
  const events: SeenEvent[] = [];
  while (true) {
    const reply = await opened.cursor.next(100);
    events.push(...eventsOf(reply));
    if (reply.invalidated) return { events, highWater: reply.highWater };
  }
}

export function eventsOf(reply: SourceReply): SeenEvent[] {
  const spans = new EventSpans();
  const text = (start: number, end: number) => {
    return new TextDecoder().decode(reply.bytes.subarray(start, end));
  };
  return [...reply.starts].map((start) => {
    readEventSpans(reply.bytes, start, spans);
    return {
      operation: text(spans.operationStart, spans.operationEnd),
      data: text(spans.tokenStart, spans.tokenEnd),
    };
  });
}

export function operations(events: readonly SeenEvent[]): string[] {
  return events.map((event) => event.operation);
}
