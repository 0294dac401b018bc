import assert from "node:assert/strict";
import { Binary, type Document, Int32, Long, ObjectId, serialize, Timestamp } from "bson";
import fc from "fast-check";
import { ARRAY, DOCUMENT, INT32 } from "../../../../src/bson/element_type.ts";
import {
  EventSpans,
  forgetOperation,
  readEventSpans,
} from "../../../../src/bson/event/event_spans.ts";
import { MalformedBsonError } from "../../../../src/bson/malformed_bson_error.ts";
import { guarded, ourJson } from "../arbitrary_bson.ts";

const TOKEN = "82673F1A2B000000022B042C0100296E5A1004";

const EVENT: Document = {
  _id: { _data: TOKEN, _typeBits: new Binary(Uint8Array.of(0x82, 0x01)) },
  operationType: "update",
  clusterTime: new Timestamp({ t: 4_000_000_000, i: 3_000_000_000 }),
  wallTime: new Date(1_763_690_000_123),
  fullDocument: { _id: 1, a: "after" },
  ns: { db: "shop", coll: "orders.2026" },
  documentKey: { _id: 1 },
  updateDescription: { updatedFields: { a: "after" }, removedFields: [], truncatedArrays: [] },
  fullDocumentBeforeChange: { _id: 1, a: "before" },
};

function spansOf(event: Document, before = 0): { bytes: Uint8Array; spans: EventSpans } {
  const alone = serialize(event);
  const bytes = new Uint8Array(before + alone.length + 3);
  bytes.set(alone, before);
  const spans = new EventSpans();
  readEventSpans(bytes, before, spans);
  assert.equal(spans.end, before + alone.length);
  return { bytes, spans };
}

function text(bytes: Uint8Array, start: number, end: number): string | undefined {
  return start < 0 ? undefined : new TextDecoder().decode(bytes.subarray(start, end));
}

function json(bytes: Uint8Array, start: number): unknown {
  return start < 0 ? undefined : JSON.parse(ourJson(bytes, "relaxed", start));
}

function assertHeader(event: Document, bytes: Uint8Array, spans: EventSpans): void {
  assert.equal(text(bytes, spans.tokenStart, spans.tokenEnd), event["_id"]._data);
  assert.equal(text(bytes, spans.operationStart, spans.operationEnd), event["operationType"]);
  assert.equal(text(bytes, spans.databaseStart, spans.databaseEnd), event["ns"]?.db);
  assert.equal(text(bytes, spans.collectionStart, spans.collectionEnd), event["ns"]?.coll);
  assert.equal(spans.clusterSeconds, event["clusterTime"]?.t ?? -1);
  assert.equal(spans.clusterIncrement, event["clusterTime"]?.i ?? -1);
  assert.equal(spans.wallTimeMs, event["wallTime"]?.getTime() ?? NaN);
  assert.deepEqual(json(bytes, spans.documentKeyStart), event["documentKey"] ?? undefined);
  assert.deepEqual(json(bytes, spans.fullDocumentStart), event["fullDocument"] ?? undefined);
  assert.deepEqual(
    json(bytes, spans.fullDocumentBeforeChangeStart),
    event["fullDocumentBeforeChange"] ?? undefined,
  );
  assert.deepEqual(
    json(bytes, spans.updateDescriptionStart),
    event["updateDescription"] ?? undefined,
  );
}

Deno.test("readEventSpans finds every part of an event", () => {
  const { bytes, spans } = spansOf(EVENT, 7);
  assertHeader(EVENT, bytes, spans);
  assert.deepEqual([...bytes.subarray(spans.typeBitsStart, spans.typeBitsEnd)], [0x82, 0x01]);
  assert.equal(spans.splitFragment, 0);
  assert.equal(spans.splitOf, 0);
});

Deno.test("readEventSpans does not rely on the order of elements, nor on any but the token", () => {
  const others = Object.entries(EVENT).filter(([name]) => name !== "_id");
  const extra = [["lsid", { id: 1 }], ["xs", "two"], ["documentKex", 1], ["fullDocumenu", [1]]];
  const chosen = fc.shuffledSubarray([...others, ...extra] as [string, unknown][]);
  fc.assert(
    fc.property(chosen, fc.nat({ max: 12 }), fc.nat({ max: 9 }), (elements, idAt, before) => {
      const all = elements.toSpliced(idAt, 0, ["_id", { _data: TOKEN }]);
      const event = Object.fromEntries(all);
      const { bytes, spans } = spansOf(event, before);
      assertHeader(event, bytes, spans);
      assert.equal(spans.typeBitsStart, -1);
    }),
  );
});

Deno.test("readEventSpans forgets the event before", () => {
  const spans = new EventSpans();
  readEventSpans(serialize({ ...EVENT, splitEvent: { fragment: 1, of: 2 } }), 0, spans);
  const bytes = serialize({ _id: { _data: TOKEN } });
  readEventSpans(bytes, 0, spans);
  assertHeader({ _id: { _data: TOKEN } }, bytes, spans);
  const fresh = new EventSpans();
  readEventSpans(bytes, 0, fresh);
  const starts = Object.entries(spans).filter(([name]) => !name.endsWith("Type"));
  assert.deepEqual(starts, Object.entries(fresh).filter(([name]) => !name.endsWith("Type")));
});

Deno.test("readEventSpans takes null documents as absent", () => {
  const event = { ...EVENT, fullDocument: null, fullDocumentBeforeChange: null, documentKey: null };
  const { bytes, spans } = spansOf(event);
  assertHeader(event, bytes, spans);
  assert.equal(spans.fullDocumentStart, -1);
});

Deno.test("readEventSpans tells of documents that a stage has made something else", () => {
  const { bytes, spans } = spansOf({
    ...EVENT,
    fullDocument: [1, 2],
    updateDescription: new Int32(5),
  });
  assert.equal(spans.fullDocumentType, ARRAY);
  assert.equal(spans.updateDescriptionType, INT32);
  assert.equal(bytes[spans.updateDescriptionStart], 5);
  assert.equal(spans.documentKeyType, DOCUMENT);
  assert.equal(spans.fullDocumentBeforeChangeType, DOCUMENT);
});

Deno.test("readEventSpans reads which fragment of a split event it is", () => {
  const { spans } = spansOf({ ...EVENT, splitEvent: { fragment: 2, of: 3 } });
  assert.equal(spans.splitFragment, 2);
  assert.equal(spans.splitOf, 3);
});

Deno.test("readEventSpans reads times before 1970", () => {
  assert.equal(spansOf({ ...EVENT, wallTime: new Date(-5) }).spans.wallTimeMs, -5);
});

Deno.test("readEventSpans refuses an event without a resume token", () => {
  for (const event of [{}, { _id: {} }, { _id: { _date: "82" } }, { id: { _data: "82" } }]) {
    assert.throws(
      () => spansOf(event),
      new MalformedBsonError("event has no resume token", 0),
    );
  }
});

Deno.test("readEventSpans refuses header parts of another type", () => {
  const wrong: Document[] = [
    { _id: "text" },
    { _id: { _data: new Binary(Uint8Array.of(1)) } },
    { _id: { _data: TOKEN, _typeBits: "text" } },
    { operationType: 1 },
    { ns: "shop.orders" },
    { ns: { db: 1 } },
    { ns: { db: "shop", coll: new ObjectId() } },
    { clusterTime: new Date(0) },
    { wallTime: Long.fromNumber(1) },
    { splitEvent: 1 },
    { splitEvent: { fragment: "1" } },
    { splitEvent: { of: 1.5 } },
  ];
  for (const part of wrong) {
    assert.throws(() => spansOf({ ...EVENT, ...part }), /type in the event/, JSON.stringify(part));
  }
});

Deno.test("readEventSpans of damaged bytes throws MalformedBsonError or stays inside of them", () => {
  const good = serialize({ ...EVENT, splitEvent: { fragment: 1, of: 2 } });
  const change = fc.record({
    at: fc.nat({ max: good.length - 1 }),
    byte: fc.integer({ min: 0, max: 255 }),
  });
  const spans = new EventSpans();
  let refused = 0;
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 3 }),
      fc.nat({ max: good.length }),
      (changes, cut) => {
        const bytes = good.slice(0, cut % 3 === 0 ? cut : good.length);
        for (const { at, byte } of changes) if (at < bytes.length) bytes[at] = byte;
        try {
          readEventSpans(guarded(bytes), 0, spans);
        } catch (error) {
          if (!(error instanceof MalformedBsonError)) throw error;
          refused++;
          return;
        }
        for (const [name, value] of Object.entries(spans)) {
          if (/(Start|End|end)$/.test(name)) assert.ok(value <= bytes.length, name);
        }
      },
    ),
    { numRuns: 500 },
  );
  assert.ok(refused > 100, `${refused} were refused`);
});

Deno.test("readEventSpans finds what only operations on collections have, wherever it stands", () => {
  const uuid = new Binary(new Uint8Array(16).fill(9), 4);
  const parts = {
    collectionUUID: uuid,
    operationDescription: { to: { db: "shop", coll: "sold" }, dropTarget: uuid },
    to: { db: "shop", coll: "sold" },
    nsType: "view",
  };
  const found = ({ bytes, spans }: ReturnType<typeof spansOf>) => [
    spans.toStart < 0 ? undefined : ourJson(bytes, "relaxed", spans.toStart),
    spans.operationDescriptionStart < 0
      ? undefined
      : JSON.parse(ourJson(bytes, "relaxed", spans.operationDescriptionStart)).to,
    spans.nsTypeStart < 0 ? undefined : text(bytes, spans.nsTypeStart + 4, spans.nsTypeStart + 8),
    spans.collectionUuidStart < 0 ? undefined : bytes[spans.collectionUuidStart + 5],
  ];
  const whole = spansOf({ ...parts, ...EVENT, operationType: "rename" });
  const to = { db: "shop", coll: "sold" };
  assert.deepEqual(found(whole), [JSON.stringify(to), to, "view", 9]);
  // The same place is filled again for each event.
  readEventSpans(serialize(EVENT), 0, whole.spans);
  assert.deepEqual(found(whole), [undefined, undefined, undefined, undefined]);
  const nulls = Object.fromEntries(Object.keys(parts).map((name) => [name, null]));
  assert.deepEqual(found(spansOf({ ...EVENT, ...nulls })), Array(4).fill(undefined));
  forgetOperation(Object.assign(whole.spans, { toStart: 7 }));
  assert.equal(whole.spans.toStart, -1);
});
