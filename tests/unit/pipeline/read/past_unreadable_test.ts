import assert from "node:assert/strict";
import fc from "fast-check";
import { ObjectId } from "mongodb";
import { TransientError, UnreadableEventError } from "../../../../src/model/errors.ts";
import {
  comparePositions,
  type Position,
  positionAfterToken,
  positionAt,
} from "../../../../src/model/position.ts";
import { openReadable } from "../../../../src/pipeline/read/past_unreadable.ts";
import type { EventCursor, OpenRequest, Source } from "../../../../src/pipeline/ports.ts";
import { endOfSplit, MemoryOplog } from "../../../../src/source/memory/memory_oplog.ts";
import { createMemorySource } from "../../../../src/source/memory/memory_source.ts";
import { highWaterToken } from "../../../../src/source/memory/memory_token.ts";
import {
  eventBytes,
  type EventSketch,
  replyOf,
  sketchToken,
  tokensIn,
} from "../../../support/event_factory.ts";
import { ORDERS, SETTINGS } from "../../../support/lake_world.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const NEVER = new AbortController().signal;
const START = positionAt({ t: 10, i: 1 });
const END = { t: 20, i: 1 };

/**
 * What an event is to the server: it can be produced or not, and `hidden` ones are left out by the user's stages. One that
 * is `huge` is too large in any form but its names.
 */
type Kind = "good" | "hidden" | "image-missing" | "too-large" | "huge";

Deno.test("openReadable gives each event once, and exactly the unreadable ones as such", async () => {
  const kinds = fc.constantFrom<Kind>(
    "good",
    "good",
    "hidden",
    "image-missing",
    "too-large",
    "huge",
  );
  const worlds = fc.record({
    kinds: fc.array(kinds, { maxLength: 40 }),
    rowsMax: fc.integer({ min: 1, max: 50 }),
    honoursEnd: fc.boolean(),
  });
  await fc.assert(fc.asyncProperty(worlds, async ({ kinds, rowsMax, honoursEnd }) => {
    // A source that has no user stages need not look at the end.
    const shown = honoursEnd ? kinds : kinds.map((kind) => kind === "hidden" ? "good" : kind);
    const server = serverOf(shown, { honoursEnd });
    const { good, bad } = await readAll(server.source, rowsMax);
    const tokens = (wanted: (kind: Kind) => boolean) =>
      server.sketches.filter((_, i) => wanted(shown[i]!)).map(sketchToken);
    assert.deepEqual(good, tokens((kind) => kind === "good"));
    assert.deepEqual(bad, tokens((kind) => kind !== "good" && kind !== "hidden"));
    assert.equal(server.open(), 0);
  }));
});

Deno.test("openReadable gives an event that the server sends in fragments, also beside an unreadable one", async () => {
  const oplog = new MemoryOplog({ t: 10, i: 1 });
  const kinds = ["good", "image-missing", "good", "too-large"] as const;
  const entries = kinds.map((kind, number) =>
    oplog.append({
      ...{
        operation: "update",
        database: "shop",
        collection: "orders",
        id: ObjectId.createFromTime(number),
      },
      fullDocument: { number },
      ...(kind === "good" ? {} : { unreadable: kind }),
    })
  );
  oplog.advanceTo(END);
  const clock = new VirtualClock();
  const source = createMemorySource({ oplog, clock, splitsLargeEvents: true });
  const reading = readAll(source, 100);
  const { good, bad } = await clock.finish(reading);
  const tokens = entries.map((entry, i) =>
    kinds[i] === "too-large" ? endOfSplit(entry) : entry.data
  );
  assert.deepEqual(bad, [tokens[1]]);
  assert.deepEqual(good, tokens.filter((_, i) => i !== 1));
});

Deno.test("openReadable shares a change stream only where it reads on as set", async () => {
  const oplog = new MemoryOplog({ t: 10, i: 1 });
  for (const unreadable of [undefined, "image-missing", undefined] as const) {
    const place = { operation: "update", database: "shop", collection: "orders" } as const;
    const broken = unreadable === undefined ? {} : { unreadable };
    oplog.append({ ...place, id: new ObjectId(), ...broken });
  }
  oplog.advanceTo(END);
  const clock = new VirtualClock();
  const memory = createMemorySource({ oplog, clock });
  const opened: OpenRequest[] = [];
  const source: Source = {
    describe: memory.describe,
    open: (request, signal) => {
      opened.push(request);
      return memory.open(request, signal);
    },
  };
  const request = {
    ...{ stream: ORDERS, from: START, images: "as-set" as const, live: true as const },
    settings: { ...SETTINGS, fullDocument: "required" as const },
  };
  const cursor = await openReadable(source, request, NEVER);
  const bad: string[] = [];
  const last = positionAt(END);
  for (let mark = START; comparePositions(mark, last) < 0;) {
    const reply = await clock.finish(cursor.next(10));
    mark = reply.highWater;
    if (reply.unreadable !== undefined) bad.push(reply.unreadable.data);
  }
  await cursor.close();
  assert.equal(bad.length, 1);
  const isPlain = ({ through, images }: OpenRequest) =>
    through === undefined && images === "as-set";
  assert.ok(opened.some((each) => !isPlain(each)));
  for (const each of opened) assert.equal(each.live === true, isPlain(each));
});

Deno.test("openReadable goes on from where there was nothing, once that was noted", async () => {
  const failed = Promise.withResolvers<never>();
  const opened: OpenRequest[] = [];
  const oplog = new MemoryOplog({ t: 10, i: 1 });
  oplog.advanceTo(END);
  const clock = new VirtualClock();
  const memory = createMemorySource({ oplog, clock });
  const source: Source = {
    describe: memory.describe,
    open: (request, signal) => {
      opened.push(request);
      if (opened.length > 1) return memory.open(request, signal);
      return Promise.resolve({ next: () => failed.promise, close: () => Promise.resolve() });
    },
  };
  let isNoted = false;
  const request = {
    ...{ stream: ORDERS, from: START, images: "as-set" as const, live: true as const },
    ...{ settings: SETTINGS, nothing: () => isNoted },
  };
  const cursor = await openReadable(source, request, NEVER);
  const next = cursor.next(10);
  const [{ nothing }] = opened as [OpenRequest];
  assert.equal(nothing?.(positionAt({ t: 12, i: 1 }), 1), false);
  isNoted = true;
  assert.equal(nothing?.(positionAt({ t: 15, i: 1 }), 1), true);
  failed.reject(new UnreadableEventError("too-large", "it is too large"));
  await clock.finish(next);
  assert.deepEqual(opened[1]!.from, positionAt({ t: 15, i: 1 }));
  assert.deepEqual(
    opened.map(({ live, nothing }) => live === (nothing !== undefined || undefined)),
    opened.map(() => true),
  );
  await cursor.close();
});

Deno.test("openReadable passes hundreds of unreadable events with a few requests each", async () => {
  const kinds = Array.from({ length: 600 }, (_, i): Kind => i % 2 === 0 ? "image-missing" : "good");
  const server = serverOf(kinds);
  const { good, bad } = await readAll(server.source, 1000);
  assert.deepEqual([good.length, bad.length], [300, 300]);
  assert.ok(server.opened() < 6 * 300, `${server.opened()} cursors`);
});

Deno.test("openReadable finds one unreadable event among thousands with few requests", async () => {
  const kinds = Array.from({ length: 5000 }, (): Kind => "good");
  kinds[3456] = "too-large";
  const server = serverOf(kinds);
  const { good, bad } = await readAll(server.source, 10_000);
  assert.deepEqual([good.length, bad.length], [4999, 1]);
  assert.ok(server.opened() < 40, `${server.opened()} cursors`);
});

Deno.test("openReadable gives an unreadable event in the richest form there is, with the server's reason", async () => {
  const forms: Record<string, Kind> = { images: "image-missing", off: "too-large", names: "huge" };
  for (const [form, kind] of Object.entries(forms)) {
    const { source, sketches } = serverOf([kind]);
    const cursor = await openReadable(source, requestAt(START), NEVER);
    const { unreadable, starts, highWater } = await cursor.next(10);
    const data = sketchToken(sketches[0]!);
    assert.equal(unreadable?.data, data);
    assert.match(unreadable!.reason, new RegExp(`cannot produce ${data}`));
    assert.deepEqual(
      unreadable!.event,
      new Uint8Array(eventBytes({ ...sketches[0]!, fullDocument: { form } })),
    );
    assert.deepEqual([starts.length, highWater], [0, positionAfterToken(data)]);
    await cursor.close();
  }
});

Deno.test("openReadable throws what the source throws, also between unreadable events", async () => {
  const server = serverOf(["good", "too-large", "good", "too-large"]);
  let nexts = 0;
  const failAt = (failing: number): Source => {
    nexts = 0;
    return {
      describe: server.source.describe,
      async open(request, signal) {
        const cursor = await server.source.open(request, signal);
        return {
          close: () => cursor.close(),
          next: (rowsMax) =>
            ++nexts === failing
              ? Promise.reject(new TransientError("interrupted"))
              : cursor.next(rowsMax),
        };
      },
    };
  };
  await readAll(failAt(0), 10);
  const all = nexts;
  assert.ok(all > 5);
  for (let failing = 1; failing <= all; failing++) {
    await assert.rejects(readAll(failAt(failing), 10), /interrupted/);
    assert.equal(server.open(), 0);
  }
});

Deno.test("openReadable closes the cursor that it has when it is closed, also one that is being opened", async () => {
  const server = serverOf(["too-large", "good"]);
  let opening = 0;
  let closeNow = () => Promise.resolve();
  const source: Source = {
    describe: server.source.describe,
    async open(request, signal) {
      const cursor = await server.source.open(request, signal);
      if (++opening === 3) void closeNow();
      return cursor;
    },
  };
  const cursor = await openReadable(source, requestAt(START), NEVER);
  closeNow = () => cursor.close();
  await assert.rejects(cursor.next(10), /was closed/);
  assert.equal(server.open(), 0);
});

function requestAt(from: Position): OpenRequest {
  return { stream: ORDERS, from, settings: SETTINGS, images: "as-set" };
}

/** Reads to the end: the tokens of the events, and of the unreadable ones among them. */
async function readAll(
  source: Source,
  rowsMax: number,
): Promise<{ good: string[]; bad: string[] }> {
  const good: string[] = [];
  const bad: string[] = [];
  const cursor = await openReadable(source, requestAt(START), NEVER);
  try {
    for (;;) {
      const { bytes, starts, highWater, unreadable } = await cursor.next(rowsMax);
      good.push(...tokensIn([{ bytes, starts }]));
      if (unreadable !== undefined) bad.push(unreadable.data);
      if (comparePositions(highWater, positionAt(END)) >= 0) return { good, bad };
    }
  } finally {
    await cursor.close();
  }
}

/** A server that fails as mongod does: the whole reply, again and again, for an event in it that it cannot produce. */
function serverOf(kinds: readonly Kind[], { honoursEnd = true } = {}) {
  const sketches = kinds.map((_, n): EventSketch => ({ t: 11, i: 1 + n }));
  let open = 0;
  let opened = 0;
  const source: Source = {
    describe: () => Promise.resolve({ identity: {}, operationTime: END, version: "fake" }),
    open(request) {
      open++;
      opened++;
      return Promise.resolve(
        new FakeCursor(sketches, kinds, { ...request, honoursEnd }, () => open--),
      );
    },
  };
  return { source, sketches, open: () => open, opened: () => opened };
}

class FakeCursor implements EventCursor {
  #at = 0;
  #isClosed = false;

  constructor(
    private readonly sketches: readonly EventSketch[],
    private readonly kinds: readonly Kind[],
    private readonly request: OpenRequest & { readonly honoursEnd: boolean },
    private readonly closed: () => void,
  ) {}

  next(rowsMax: number) {
    const { from, through, images, honoursEnd } = this.request;
    if (this.#isClosed) return Promise.reject(new TransientError("the cursor was closed"));
    const found: EventSketch[] = [];
    for (; this.#at < this.sketches.length && found.length < rowsMax; this.#at++) {
      const sketch = this.sketches[this.#at]!;
      const kind = this.kinds[this.#at]!;
      const data = sketchToken(sketch);
      if (comparePositions(positionAfterToken(data), from) <= 0) continue;
      if (honoursEnd && through !== undefined && data > through.data) continue;
      const reason = reasonOf(kind, images);
      if (reason !== undefined) {
        return Promise.reject(new UnreadableEventError(reason, `cannot produce ${data}`));
      }
      if (images === "as-set" && kind === "hidden") continue;
      found.push({ ...sketch, fullDocument: { form: formOf(images) } });
    }
    const highWater = this.#at < this.sketches.length
      ? positionAfterToken(sketchToken(found.at(-1)!))
      : positionAfterToken(highWaterToken(END));
    return Promise.resolve({ ...replyOf(found), highWater });
  }

  close() {
    if (!this.#isClosed) this.closed();
    this.#isClosed = true;
    return Promise.resolve();
  }
}

function reasonOf(kind: Kind, images: OpenRequest["images"]) {
  if (kind === "huge") return images === "none-but-names" ? undefined : "too-large";
  if (images !== "as-set" || kind === "good" || kind === "hidden") return undefined;
  return kind;
}

function formOf(images: OpenRequest["images"]): string {
  if (images === "as-set") return "whole";
  return { "when-available": "images", "off": "off", "none-but-names": "names" }[images];
}
