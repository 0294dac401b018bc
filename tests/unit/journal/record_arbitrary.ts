import fc from "fast-check";
import type { Position } from "../../../src/model/position.ts";
import {
  type JournalRecord,
  KIND_SINCE,
  type RecordBase,
  type RecordKind,
} from "../../../src/model/record.ts";
import type { StreamSettings } from "../../../src/model/settings.ts";
import type { Stream } from "../../../src/model/stream.ts";

const uint32 = fc.nat({ max: 0xffffffff });
const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const anyText = fc.string({ unit: "binary" });
const notEmpty = fc.string({ unit: "binary", minLength: 1 });
const hexDigit = fc.constantFrom(..."0123456789ABCDEF");

const position: fc.Arbitrary<Position> = fc.record({
  operationTime: fc.record({ t: uint32, i: uint32 }),
  data: fc.string({ unit: hexDigit }),
  typeBits: fc.base64String(),
  invalidate: fc.constant(true as const),
}, { requiredKeys: ["operationTime", "data"] });

const source = fc.record(
  { replicaSetId: anyText, clusterId: anyText, setName: anyText },
  { requiredKeys: [] },
);

const settings: fc.Arbitrary<StreamSettings> = fc.record({
  fullDocument: fc.constantFrom("off", "update-lookup", "when-available", "required"),
  fullDocumentBeforeChange: fc.constantFrom("off", "when-available", "required"),
  namespaces: fc.record({ include: fc.array(anyText), exclude: fc.array(anyText) }),
  stages: fc.array(
    fc.dictionary(anyText, fc.jsonValue({ maxDepth: 4 })).map(
      // JSON has no -0: what is compared must be what JSON can say.
      (stage) => JSON.parse(JSON.stringify(stage)),
    ),
  ),
  encoding: fc.record({
    format: fc.constantFrom("parquet", "jsonl", "csv", "avro"),
    compression: fc.constantFrom("none", "gzip", "zstd", "snappy"),
    compressionLevel: fc.integer(),
    jsonMode: fc.constantFrom("relaxed", "canonical"),
  }, { requiredKeys: ["format", "compression", "jsonMode"] }),
  keyRule: fc.record({ template: anyText, bucket: fc.constantFrom("hour", "day", "none") }),
  encoderVersion: count,
});

const bucket = fc.constantFrom("", "2026-11-20", "2026-11-20T17");
const object = fc.record({
  key: notEmpty,
  database: anyText,
  collection: fc.option(anyText),
  bucket,
  rows: count,
  bytes: count,
});

const deadLetter = fc.record({
  key: notEmpty,
  bytes: count,
  events: fc.array(fc.record({ data: anyText, reason: anyText })),
});

const voided = fc.record({ seq: count, key: notEmpty, rows: count });

const named = { database: notEmpty, collection: notEmpty };
const partition = fc.record({
  epoch: count,
  index: fc.integer({ min: 1, max: 4 }),
  of: fc.integer({ min: 4, max: 9 }),
});
const stream: fc.Arbitrary<Stream> = fc.oneof(
  fc.constant({ level: "deployment" as const }),
  fc.record({ level: fc.constant("database" as const), database: notEmpty }),
  fc.record({ level: fc.constant("collection" as const), ...named, partition }, {
    requiredKeys: ["level", "database", "collection"],
  }),
);

/** What each kind has beside the common fields. */
const OWN_FIELDS: { readonly [K in RecordKind]: fc.Arbitrary<object> } = {
  genesis: fc.record({
    stream,
    lake: fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 8, maxLength: 8 }),
    source,
    collectionUuid: notEmpty,
    settings,
  }, { requiredKeys: ["stream", "lake", "source", "settings"] }),
  batch: fc.record({ objects: fc.array(object), deadLetters: fc.array(deadLetter) }),
  heartbeat: fc.constant({}),
  settings: fc.record({ source, settings, changed: fc.array(anyText) }),
  reopened: fc.constant({}),
  gap: fc.record({ reason: anyText }),
  void: fc.record({ objects: fc.array(voided), reason: anyText }),
  emptied: fc.record({ chunks: fc.array(count) }),
  closed: fc.record({ reason: anyText }),
};

export const RECORD_KINDS = Object.keys(OWN_FIELDS) as RecordKind[];

function base(kind: RecordKind): fc.Arbitrary<Omit<RecordBase, "v">> {
  const seqs = kind === "genesis"
    ? fc.constant(0)
    : fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
  return seqs.chain((seq) =>
    fc.record({
      seq: fc.constant(seq),
      from: position,
      to: position,
      id: notEmpty,
      owner: notEmpty,
      generation: count,
      settingsSeq: fc.nat({ max: seq }),
      durableThrough: fc.integer({ min: -1, max: seq }),
      writtenAt: fc.constantFrom("2026-11-20T17:03:04Z", "2026-11-20T17:03:04.125Z"),
    })
  );
}

/** Any record of this kind. */
export function recordOf(kind: RecordKind): fc.Arbitrary<JournalRecord> {
  return fc.tuple(base(kind), OWN_FIELDS[kind]).map(([common, own]) =>
    // The clone gives each object the usual prototype, which fast-check sometimes leaves out.
    structuredClone({ v: KIND_SINCE[kind], kind, ...common, ...own }) as JournalRecord
  );
}

/** Any record of any kind. */
export const anyRecord: fc.Arbitrary<JournalRecord> = fc.oneof(...RECORD_KINDS.map(recordOf));
