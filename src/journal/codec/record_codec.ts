import {
  type BatchRecord,
  type Chunk,
  type ClosedRecord,
  type DeadLetterEntry,
  type EmptiedRecord,
  type GapRecord,
  type GenesisRecord,
  type HeartbeatRecord,
  type JournalRecord,
  KIND_SINCE,
  type ObjectEntry,
  RECORD_VERSIONS,
  type RecordKind,
  type RemadeEntry,
  type ReopenedRecord,
  type SettingsRecord,
  type SourceIdentity,
  type VoidRecord,
} from "../../model/record.ts";
import type { ClusterTime } from "../../model/cluster_time.ts";
import {
  arrayOf,
  nullOr,
  objectOf,
  oneOf,
  openObjectOf,
  type Shape,
  type Strangers,
  text,
  wholeNumber,
} from "../../support/json_shape.ts";
import { POSITION } from "./position_shape.ts";
import { STREAM_SETTINGS } from "./settings_shape.ts";
import { STREAM } from "./stream_shape.ts";
import { decodeFile, encodeFile, type FileForm } from "./versioned_json.ts";

/**
 * The bytes of a record as they lie in the lake: JSON with the keys in one order, readable, ending with a newline. The
 * same record always gives the same bytes.
 *
 * @throws {TypeError} if the record is not one that `decodeRecord` would read back.
 */
export function encodeRecord(record: JournalRecord): Uint8Array<ArrayBuffer> {
  return encodeFile(RECORD_FILE, record);
}

/**
 * The record that lies at `where`, every field of it checked. From version 2 on, fields that are not known are left out, but
 * for those of positions, streams and settings: what these mean must never be guessed at.
 *
 * @throws {PermanentError} if the version or kind is not known (a newer tributary wrote it), or a field is wrong.
 */
export function decodeRecord(bytes: Uint8Array, where: string): JournalRecord {
  return decodeFile(RECORD_FILE, bytes, where);
}

function checkRecord(value: unknown, _at: string, strangers?: Strangers): JournalRecord {
  const { kind, v }: { readonly kind: unknown; readonly v: unknown } = Object(value);
  if (!isKind(kind)) throw new TypeError(strangeKind(kind));
  const record = RECORDS[kind](value, "", v === 1 ? "refused" : strangers);
  if (record.v < KIND_SINCE[kind]) {
    throw new TypeError(`its kind "${kind}" is not known in version ${record.v}`);
  }
  if (record.v === 1) refuseFieldsOfVersion2(record);
  if (record.v < 3) refuseFieldsOfVersion3(record);
  if (record.v < 4 && record.kind === "batch" && record.chunk !== undefined) {
    throw new TypeError(`field "chunk" is not known in version ${record.v}`);
  }
  if ((record.seq === 0) !== (record.kind === "genesis")) {
    throw new TypeError(`field "kind" is "${kind}" at seq ${record.seq}: seq 0 is the genesis`);
  }
  for (const field of ["settingsSeq", "durableThrough"] as const) {
    if (record[field] <= record.seq) continue;
    throw new TypeError(
      `field "${field}" is ${record[field]}, after the record's seq ${record.seq}`,
    );
  }
  return record;
}

/** Programs that know version 1 only stop at such fields. */
function refuseFieldsOfVersion2(record: JournalRecord): void {
  const named = record.kind === "batch" ? [...record.objects, ...record.deadLetters] : [];
  const field = named.some(({ crc32 }) => crc32 !== undefined)
    ? "crc32"
    : record.kind === "heartbeat" && record.remade !== undefined
    ? "remade"
    : record.kind === "genesis" && record.wasEmpty !== undefined
    ? "wasEmpty"
    : undefined;
  if (field !== undefined) throw new TypeError(`field "${field}" is not known in version 1`);
}

/** Programs that know no more than version 2 stop at a setting that they do not know. */
function refuseFieldsOfVersion3(record: JournalRecord): void {
  if (record.kind !== "genesis" && record.kind !== "settings") return;
  if (record.settings.reading === undefined) return;
  throw new TypeError(`field "settings.reading" is not known in version ${record.v}`);
}

function isKind(kind: unknown): kind is RecordKind {
  return typeof kind === "string" && Object.hasOwn(RECORDS, kind);
}

/** What a newer program wrote must not be guessed at, and is told apart from what is damaged. */
function strangeKind(kind: unknown): string {
  if (typeof kind !== "string") return `field "kind" is missing or no text`;
  return `its kind ${JSON.stringify(kind)} in format version ${RECORD_VERSIONS.at(-1)} is not ` +
    "known to this tributary; a newer tributary wrote it";
}

const NOT_EMPTY = text(/^./s, "a text that is not empty");
const COUNT = wholeNumber(0);
const CRC32 = text(/^[0-9a-f]{8}$/, "eight hex digits in lower case");
const V = oneOf(...RECORD_VERSIONS);

const BASE = {
  seq: COUNT,
  from: POSITION,
  to: POSITION,
  id: NOT_EMPTY,
  owner: NOT_EMPTY,
  generation: COUNT,
  settingsSeq: COUNT,
  durableThrough: wholeNumber(-1),
  writtenAt: text(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, "an ISO 8601 time in UTC"),
};

const SOURCE = openObjectOf<SourceIdentity>(
  { replicaSetId: text(), clusterId: text(), setName: text() },
  ["replicaSetId", "clusterId", "setName"],
);

const OBJECT = openObjectOf<ObjectEntry>({
  key: NOT_EMPTY,
  database: text(),
  collection: nullOr(text()),
  bucket: text(/^(\d{4,}-\d\d-\d\d(T\d\d)?)?$/, "a day, an hour or empty"),
  rows: COUNT,
  bytes: COUNT,
  crc32: CRC32,
}, ["crc32"]);

const DEAD_LETTER = openObjectOf<DeadLetterEntry>({
  key: NOT_EMPTY,
  bytes: COUNT,
  crc32: CRC32,
  events: arrayOf(
    openObjectOf<DeadLetterEntry["events"][number]>({ data: text(), reason: text() }),
  ),
}, ["crc32"]);

const REMADE = openObjectOf<RemadeEntry>({
  seq: COUNT,
  key: NOT_EMPTY,
  bytes: COUNT,
  crc32: CRC32,
});

const VOIDED = openObjectOf<VoidRecord["objects"][number]>({
  seq: COUNT,
  key: NOT_EMPTY,
  rows: COUNT,
});

const BOUND = text(/^[A-Za-z0-9+/]+={0,2}$/, "base64");

const CHUNK = openObjectOf<Chunk>({
  piece: COUNT,
  from: BOUND,
  to: BOUND,
  at: objectOf<ClusterTime>({ t: COUNT, i: COUNT }),
  row: COUNT,
  bytes: COUNT,
  repeats: COUNT,
  superseded: oneOf(true),
}, ["from", "to", "bytes", "repeats", "superseded"]);

/** The fields of each kind, in the order in which they are written. */
const RECORDS: { readonly [K in RecordKind]: Shape<Extract<JournalRecord, { kind: K }>> } = {
  genesis: openObjectOf<GenesisRecord>({
    v: V,
    kind: oneOf("genesis"),
    ...BASE,
    stream: STREAM,
    lake: text(/^[0-9a-f]{8}$/, "eight hex digits in lower case"),
    source: SOURCE,
    collectionUuid: NOT_EMPTY,
    settings: STREAM_SETTINGS,
    wasEmpty: oneOf(true),
  }, ["collectionUuid", "wasEmpty"]),
  batch: openObjectOf<BatchRecord>({
    v: V,
    kind: oneOf("batch"),
    ...BASE,
    objects: arrayOf(OBJECT),
    deadLetters: arrayOf(DEAD_LETTER),
    chunk: CHUNK,
  }, ["chunk"]),
  emptied: openObjectOf<EmptiedRecord>({
    v: V,
    kind: oneOf("emptied"),
    ...BASE,
    chunks: arrayOf(COUNT),
  }),
  heartbeat: openObjectOf<HeartbeatRecord>({
    v: V,
    kind: oneOf("heartbeat"),
    ...BASE,
    remade: arrayOf(REMADE),
  }, ["remade"]),
  settings: openObjectOf<SettingsRecord>({
    v: V,
    kind: oneOf("settings"),
    ...BASE,
    source: SOURCE,
    settings: STREAM_SETTINGS,
    changed: arrayOf(text()),
  }),
  reopened: openObjectOf<ReopenedRecord>({ v: V, kind: oneOf("reopened"), ...BASE }),
  gap: openObjectOf<GapRecord>({ v: V, kind: oneOf("gap"), ...BASE, reason: text() }),
  void: openObjectOf<VoidRecord>({
    v: V,
    kind: oneOf("void"),
    ...BASE,
    objects: arrayOf(VOIDED),
    reason: text(),
  }),
  closed: openObjectOf<ClosedRecord>({ v: V, kind: oneOf("closed"), ...BASE, reason: text() }),
};

const RECORD_FILE: FileForm<JournalRecord> = {
  what: "the journal record",
  versions: RECORD_VERSIONS,
  shape: checkRecord,
};
