import assert from "node:assert/strict";
import { DuckDBInstance } from "@duckdb/node-api";
import { BSON, type Collection } from "mongodb";
import { createMongoWriter, type MongoWriter } from "../support/mongo_writer.ts";
import { startProgram } from "../support/program.ts";
import { insertRaw } from "../support/raw_insert.ts";
import { uniqueName } from "../support/services.ts";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { systemClock } from "../../src/support/clock.ts";
import { sourceSettings } from "./settings.ts";

const {
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
  Timestamp,
  UUID,
} = BSON;

const COMPLETE_MS_MAX = 240_000;

/** A document nested so deep that most parsers give up, and the server does not. */
const NESTING = 95;

const LARGE_BYTES = 16 * 1024 * 1024 - 512 * 1024;

/** What is written, by `_id`; each is compared as canonical Extended JSON. */
const DOCUMENTS: readonly Record<string, unknown>[] = [
  {
    _id: "types",
    double: new Double(1.5),
    wholeDouble: new Double(3),
    string: "text",
    object: { a: { b: null } },
    array: [1, "two", [3], {}],
    binary: new Binary(new Uint8Array([0, 1, 255]), 0),
    oldBinary: new Binary(new Uint8Array([1, 2, 3]), 2),
    userBinary: new Binary(new Uint8Array([7]), 128),
    uuid: new UUID("01234567-89ab-4def-8123-456789abcdef"),
    objectId: new ObjectId("0123456789abcdef01234567"),
    yes: true,
    no: false,
    date: new Date(1_795_194_000_123),
    nothing: null,
    regExp: new BSONRegExp('^a/"b\\d', "imx"),
    symbol: new BSONSymbol("sym"),
    code: new Code("function () { return 1; }"),
    scoped: new Code("x", { x: 1 }),
    int32: new Int32(-7),
    int64: Long.fromString("9007199254740993"),
    timestamp: new Timestamp({ t: 4294967295, i: 4294967295 }),
    decimal: Decimal128.fromString("1234567890.123456789012345678901234"),
    minKey: new MinKey(),
    maxKey: new MaxKey(),
    reference: new DBRef("others", new ObjectId("0123456789abcdef01234567")),
  },
  {
    _id: "numbers",
    notANumber: new Double(NaN),
    minusZero: new Double(-0),
    infinity: new Double(Infinity),
    minusInfinity: new Double(-Infinity),
    smallest: new Double(5e-324),
    largest: new Double(1.7976931348623157e308),
    smallestLong: Long.MIN_VALUE,
    largestLong: Long.MAX_VALUE,
    decimalNaN: Decimal128.fromString("NaN"),
    decimalInfinity: Decimal128.fromString("-Infinity"),
    decimalZero: Decimal128.fromString("-0E-6176"),
    decimalLarge: Decimal128.fromString("9.999999999999999999999999999999999E+6144"),
  },
  {
    _id: "dates",
    afterYear9999: new Date(253_402_300_800_000),
    lastOfAll: new Date(8_640_000_000_000_000),
    before1970: new Date(-1),
    beforeYear0: new Date(-62_198_755_200_000),
    firstOfAll: new Date(-8_640_000_000_000_000),
  },
  {
    _id: "names",
    "a.b": 1,
    "a.b.c": { "d.e": 2 },
    "x$y": 3,
    inside: { $dollar: 4, "$a.b": 5 },
    'quo"te': 6,
    "back\\slash": 7,
    "line\nfeed\ttab\u0001": 8,
    "": 9,
    " ": 10,
    "ünï😀": 11,
    "\u2028\u2029": 12,
    __proto__x: 13,
    constructor: 14,
  },
  {
    _id: "texts",
    empty: "",
    nul: "a\u0000b",
    controls: "\u0001\u001f\u007f\u0080",
    quotes: "\"'`\\/",
    lineSeparators: "\u2028\u2029",
    astral: "😀𝄞",
    noncharacters: "\uffff\ufffe",
    comma: 'a,"b"\r\nc',
  },
  { _id: "deep", nested: nest(NESTING) },
  { _id: "large", text: "x".repeat(LARGE_BYTES), end: "é" },
];

/** Documents that the driver does not write, as bytes, and what they are in canonical Extended JSON. */
const RAW: readonly { readonly id: string; readonly bytes: Uint8Array; readonly text: string }[] = [
  rawDocument(
    "deprecated",
    // undefined: type 6 without a value; pointer: type 12, a namespace and an id.
    [0x06, ...cString("none"), 0x0c, ...cString("pointer"), 4, 0, 0, 0, ...cString("a.b")],
    [...new Uint8Array(12).fill(0xab)],
    '"none":{"$undefined":true},"pointer":{"$dbPointer":{"$ref":"a.b","$id":' +
      `{"$oid":"${"ab".repeat(12)}"}}}`,
  ),
  rawDocument(
    "broken",
    [0x02, ...cString("text"), 4, 0, 0, 0, 0x61, 0xff, 0x62, 0],
    [],
    '"text":"a\ufffdb"',
  ),
];

for (const format of ["jsonl", "parquet"] as const) {
  Deno.test(`run brings every kind of document into ${format} as it was written`, async () => {
    await using writer = createMongoWriter(uniqueName("fidelity"));
    const folder = await Deno.makeTempDir();
    const env = {
      ...sourceSettings(writer.database),
      DESTINATION: `file://${folder}`,
      FORMAT: format,
      COMPRESSION: format === "jsonl" ? "gzip" : "zstd",
      JSON_MODE: "canonical",
    };
    try {
      await using program = startProgram(["run"], { env });
      await program.line(/Change stream opened/);
      await write(writer);
      const found = await waitForDocuments(folder, format);
      program.kill("SIGTERM");
      assert.equal((await program.ended).code, 0, program.stderr.join("\n"));
      for (const document of DOCUMENTS) {
        const id = String(document["_id"]);
        // Texts are compared, not parsed values: both are canonical, in the order of the document's fields.
        assertSameText(found.get(id) ?? "", EJSON.stringify(document, { relaxed: false }), id);
      }
      for (const { id, text } of RAW) assertSameText(found.get(id) ?? "", text, id);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

async function write({ client, database }: MongoWriter): Promise<void> {
  const collection: Collection<Record<string, unknown>> = client.db(database).collection("things");
  // deno-lint-ignore no-explicit-any -- ids are texts here
  for (const document of DOCUMENTS) await collection.insertOne(document as any);
  for (const { bytes } of RAW) await insertRaw(database, "things", bytes);
}

const COUNT = DOCUMENTS.length + RAW.length;

/** All full documents by their `_id`, as text, once they are all there. */
async function waitForDocuments(folder: string, format: string): Promise<Map<string, string>> {
  let found = new Map<string, string>();
  await waitUntil(systemClock, COMPLETE_MS_MAX, async () => {
    found = await readDocuments(folder, format);
    return found.size >= COUNT ? true : undefined;
  });
  assert.equal(found.size, COUNT, `found ${[...found.keys()].join(", ")}`);
  return found;
}

async function readDocuments(folder: string, format: string): Promise<Map<string, string>> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const rows = format === "parquet"
    ? `SELECT full_document::VARCHAR AS document
       FROM read_parquet('${folder}/**/*.parquet', hive_partitioning = false)`
    : `SELECT full_document::VARCHAR AS document
       FROM read_json('${folder}/**/*.jsonl.gz', format = 'newline_delimited',
         maximum_object_size = 67108864, columns = {full_document: 'JSON'})`;
  try {
    const reader = await connection.runAndReadAll(rows);
    const texts = reader.getRowObjectsJS().map(({ document }) => String(document));
    return new Map(texts.map((text) => [/^\{"_id":"(\w+)"/.exec(text)?.[1] ?? text, text]));
  } catch (error) {
    if (error instanceof Error && /No files found/.test(error.message)) return new Map();
    throw error;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Says where two long texts part. DuckDB writes the digits of escapes in capitals. */
function assertSameText(found: string, wanted: string, what: string): void {
  const [actual, expected] = [found, wanted].map((text) =>
    text.replace(/\\u[0-9A-Fa-f]{4}/g, (escape) => escape.toLowerCase())
  ) as [string, string];
  if (actual === expected) return;
  let at = 0;
  while (actual[at] === expected[at]) at++;
  const near = (text: string) => text.slice(Math.max(0, at - 60), at + 60);
  assert.equal(near(actual), near(expected), `${what} differs at ${at}`);
}

function nest(depth: number): unknown {
  return depth === 0 ? "bottom" : depth % 2 === 0 ? { down: nest(depth - 1) } : [nest(depth - 1)];
}

function rawDocument(id: string, head: number[], tail: number[], fields: string) {
  const value = [...cString(id)];
  const idField = [0x02, ...cString("_id"), value.length, 0, 0, 0, ...value];
  const content = [...idField, ...head, ...tail, 0];
  const bytes = new Uint8Array([...int32(content.length + 4), ...content]);
  return { id, bytes, text: `{"_id":"${id}",${fields}}` };
}

function cString(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\0`);
}

function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
}
