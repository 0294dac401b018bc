/** Change events as MongoDB sends them, and the rows that every format must make of them. */
import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  DBRef,
  Decimal128,
  Double,
  EJSON,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  serialize,
  Timestamp,
} from "bson";
import type { EventChunk } from "../../src/pipeline/ports.ts";

/** A row as its readers should see it: times in milliseconds since 1970, documents as parsed canonical JSON. */
export interface Row {
  readonly operation: string;
  readonly database: string;
  readonly collection: string | null;
  readonly cluster_time: number;
  readonly cluster_increment: number;
  readonly wall_time: number | null;
  readonly document_key: unknown;
  readonly full_document: unknown;
  readonly full_document_before_change: unknown;
  readonly update_description: unknown;
  readonly resume_token: string;
}

export interface SampleEvent {
  readonly bson: Uint8Array;
  readonly row: Row;
}

/** The parts of an event that a test wants to be special. `undefined` leaves a field out, null makes it null. */
export interface EventParts {
  readonly operationType?: string;
  readonly database?: string;
  readonly collection?: string | undefined;
  readonly clusterTime?: { readonly t: number; readonly i: number };
  readonly wallTimeMs?: number | undefined;
  readonly documentKey?: object | null | undefined;
  readonly fullDocument?: object | null | undefined;
  readonly fullDocumentBeforeChange?: object | null | undefined;
  readonly updateDescription?: object | null | undefined;
  /** What only operations on collections have. */
  readonly operation?: OperationParts;
}

export interface OperationParts {
  readonly to?: object;
  readonly operationDescription?: object;
  readonly nsType?: string;
  readonly collectionUUID?: Binary;
}

const FIRST_SECOND = 1_763_690_000;

/** The `ordinal`-th event of a stream, an insert unless `parts` say otherwise. */
export function sampleEvent(ordinal: number, parts: EventParts = {}): SampleEvent {
  const id = new ObjectId(ordinal.toString(16).padStart(24, "0"));
  const event = {
    operationType: "insert",
    database: "shop",
    collection: "orders",
    clusterTime: { t: FIRST_SECOND + Math.floor(ordinal / 100), i: ordinal % 100 + 1 },
    wallTimeMs: FIRST_SECOND * 1000 + ordinal * 10 + 7,
    documentKey: { _id: id },
    fullDocument: { _id: id, n: new Int32(ordinal), name: `customer ${ordinal}` },
    ...parts,
  };
  const token = tokenOf(event.clusterTime);
  const bson = serialize({
    _id: { _data: token },
    operationType: event.operationType,
    clusterTime: new Timestamp(event.clusterTime),
    ...present("wallTime", event.wallTimeMs === undefined ? undefined : new Date(event.wallTimeMs)),
    ...present("fullDocument", event.fullDocument),
    ...present("fullDocumentBeforeChange", event.fullDocumentBeforeChange),
    ns: { db: event.database, ...present("coll", event.collection) },
    ...present("documentKey", event.documentKey),
    ...present("updateDescription", event.updateDescription),
    ...event.operation,
  }, { ignoreUndefined: true });
  return {
    bson,
    row: {
      operation: event.operationType,
      database: event.database,
      collection: event.collection ?? null,
      cluster_time: event.clusterTime.t * 1000,
      cluster_increment: event.clusterTime.i,
      wall_time: event.wallTimeMs ?? null,
      document_key: canonical(event.documentKey),
      full_document: canonical(event.fullDocument),
      full_document_before_change: canonical(event.fullDocumentBeforeChange),
      update_description: canonical(event.updateDescription) ?? operationOf(event),
      resume_token: token,
    },
  };
}

/** What the column says of an operation on a collection: its fields by their names, in one order. */
function operationOf({ operation = {}, documentKey }: EventParts): unknown {
  const { collectionUUID, ...told } = operation;
  if (documentKey !== undefined || Object.keys(told).length === 0) return null;
  const { to, operationDescription, nsType } = told;
  return canonical({
    ...present("to", to),
    ...present("operationDescription", operationDescription),
    ...present("nsType", nsType),
    ...present("collectionUUID", collectionUUID),
  });
}

/** How many of the sample events version 1 of the encoders knew. */
export const FIRST_SAMPLES = 12;

/** Events of every kind with every sort of value, in stream order; the last one is large. */
export function sampleEvents(): SampleEvent[] {
  const kinds: EventParts[] = [
    { fullDocument: everyType() },
    {
      operationType: "update",
      fullDocument: null,
      updateDescription: {
        updatedFields: { "a.b": new Double(1.5), $set: "x" },
        removedFields: ["gone"],
        truncatedArrays: [{ field: "list", newSize: new Int32(3) }],
      },
    },
    { operationType: "replace", fullDocumentBeforeChange: { before: true } },
    { operationType: "delete", fullDocument: undefined },
    { operationType: "drop", documentKey: undefined, fullDocument: undefined },
    {
      operationType: "dropDatabase",
      collection: undefined,
      documentKey: undefined,
      fullDocument: undefined,
    },
    { wallTimeMs: undefined },
    { wallTimeMs: -1, clusterTime: { t: 0xffffffff, i: 0x7fffffff } },
    { database: "žluťoučký", collection: 'a,"b"\r\nc;\t\u2028😀' },
    { collection: "", operationType: "" },
    { fullDocument: {} },
    { fullDocument: awkwardTexts() },
    ...operationEvents(),
    { fullDocument: { large: "long text, ".repeat(150_000) } },
  ];
  return kinds.map((parts, i) => sampleEvent(i, parts));
}

/** Operations on collections, with what the server says of them when it is asked for more. */
function operationEvents(): EventParts[] {
  const uuid = new Binary(new Uint8Array(16).fill(9), 4);
  const about = { documentKey: undefined, fullDocument: undefined };
  const to = { db: "shop", coll: 'orders "2"' };
  return [
    { ...about, operationType: "rename", operation: { to } },
    {
      ...about,
      operationType: "rename",
      // The server's order is another one than the column's.
      operation: {
        collectionUUID: uuid,
        operationDescription: { to, dropTarget: uuid },
        to,
      },
    },
    { ...about, operationType: "create", operation: { nsType: "collection" } },
    {
      ...about,
      operationType: "createIndexes",
      operation: {
        operationDescription: { indexes: [{ v: new Int32(2), key: { a: new Int32(1) } }] },
        collectionUUID: uuid,
      },
    },
    { ...about, operationType: "drop", operation: { collectionUUID: uuid } },
    { operation: { to: { a: "user's stage" }, collectionUUID: uuid } },
  ];
}

/** The events one after the other in a buffer of their own, as the pipeline hands them over. */
export function chunkOf(events: readonly Uint8Array[]): EventChunk {
  const starts = new Uint32Array(events.length);
  const bytes = new Uint8Array(events.reduce((sum, event) => sum + event.length, 0));
  let at = 0;
  events.forEach((event, i) => {
    starts[i] = at;
    bytes.set(event, at);
    at += event.length;
  });
  return { bytes, starts };
}

function everyType(): object {
  return {
    double: new Double(0.1),
    negativeZero: new Double(-0),
    notANumber: new Double(NaN),
    infinity: new Double(-Infinity),
    string: "text",
    document: { nested: { deeper: {} } },
    array: [new Int32(1), "two", [new Double(3.25)], null],
    binary: new Binary(new Uint8Array([0, 1, 254, 255]), 0),
    uuid: new Binary(new Uint8Array(16).fill(7), 4),
    objectId: new ObjectId("65a1b2c3d4e5f60718293a4b"),
    true: true,
    false: false,
    date: new Date("2026-11-20T17:03:21.123Z"),
    dateBefore1970: new Date(-1),
    dateAfter9999: new Date(253_402_300_800_000),
    null: null,
    expression: new BSONRegExp("^a/b$", "im"),
    pointer: new DBRef("orders", new ObjectId("65a1b2c3d4e5f60718293a4b")),
    code: new Code("function() {}"),
    scopedCode: new Code("function() { return x; }", { x: new Int32(1) }),
    symbol: new BSONSymbol("symbol"),
    int32: new Int32(-2147483648),
    int64: Long.MIN_VALUE,
    timestamp: new Timestamp({ t: 4294967295, i: 1 }),
    decimal: Decimal128.fromString("-1.50E+6000"),
    minKey: new MinKey(),
    maxKey: new MaxKey(),
  };
}

function awkwardTexts(): object {
  return {
    "": "",
    "a.b": 'quote " backslash \\ slash / comma , semicolon ;',
    $dollar: "line\nbreaks\r\nand\ttabs",
    "žluťoučký kůň": "😀 \u2028 \u0001 \u007f \ufeff",
    "null": "null",
    number: "007",
  };
}

/** As the server makes them: type byte, seconds, increment, and more of no matter here. */
function tokenOf({ t, i }: { readonly t: number; readonly i: number }): string {
  const digits = (value: number) => value.toString(16).padStart(8, "0").toUpperCase();
  return `82${digits(t)}${digits(i)}2B042C0100296E5A1004${"5F".repeat(40)}`;
}

function present(name: string, value: unknown): object {
  return value === undefined ? {} : { [name]: value };
}

function canonical(document: object | null | undefined): unknown {
  if (document === undefined || document === null) return null;
  return JSON.parse(EJSON.stringify(document, { relaxed: false }));
}
