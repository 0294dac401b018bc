import {
  type BatchRecord,
  type ClosedRecord,
  type DeadLetterEntry,
  type GapRecord,
  type GenesisRecord,
  type HeartbeatRecord,
  type JournalRecord,
  type ObjectEntry,
  RECORD_VERSION,
  type RecordKind,
  type ReopenedRecord,
  type SettingsRecord,
  type SourceIdentity,
  type VoidRecord,
} from "../model/record.ts";
import {
  arrayOf,
  nullOr,
  objectOf,
  oneOf,
  type Shape,
  text,
  wholeNumber,
} from "../support/json_shape.ts";
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
 * The record that lies at `where`, every field of it checked.
 *
 * @throws {PermanentError} if the version or kind is not known (a newer tributary wrote it), or a field is wrong.
 */
export function decodeRecord(bytes: Uint8Array, where: string): JournalRecord {
  return decodeFile(RECORD_FILE, bytes, where);
}

function checkRecord(value: unknown): JournalRecord {
  const kind: unknown = Object(value).kind;
  if (!isKind(kind)) throw new TypeError(strangeKind(kind));
  const record = RECORDS[kind](value, "");
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

function isKind(kind: unknown): kind is RecordKind {
  return typeof kind === "string" && Object.hasOwn(RECORDS, kind);
}

/** What a newer program wrote must not be guessed at, and is told apart from what is damaged. */
function strangeKind(kind: unknown): string {
  if (typeof kind !== "string") return `field "kind" is missing or no text`;
  return `its kind ${
    JSON.stringify(kind)
  } in format version ${RECORD_VERSION} is not known to this ` +
    "tributary; a newer tributary wrote it";
}

const NOT_EMPTY = text(/^./s, "a text that is not empty");
const COUNT = wholeNumber(0);
const V = oneOf(RECORD_VERSION);

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

const SOURCE = objectOf<SourceIdentity>(
  { replicaSetId: text(), clusterId: text(), setName: text() },
  ["replicaSetId", "clusterId", "setName"],
);

const OBJECT = objectOf<ObjectEntry>({
  key: NOT_EMPTY,
  database: text(),
  collection: nullOr(text()),
  bucket: text(/^(\d{4,}-\d\d-\d\d(T\d\d)?)?$/, "a day, an hour or empty"),
  rows: COUNT,
  bytes: COUNT,
});

const DEAD_LETTER = objectOf<DeadLetterEntry>({
  key: NOT_EMPTY,
  bytes: COUNT,
  events: arrayOf(
    objectOf<DeadLetterEntry["events"][number]>({ data: text(), reason: text() }),
  ),
});

const VOIDED = objectOf<VoidRecord["objects"][number]>({ seq: COUNT, key: NOT_EMPTY, rows: COUNT });

/** The fields of each kind, in the order in which they are written. */
const RECORDS: { readonly [K in RecordKind]: Shape<Extract<JournalRecord, { kind: K }>> } = {
  genesis: objectOf<GenesisRecord>({
    v: V,
    kind: oneOf("genesis"),
    ...BASE,
    stream: STREAM,
    lake: text(/^[0-9a-f]{8}$/, "eight hex digits in lower case"),
    source: SOURCE,
    collectionUuid: NOT_EMPTY,
    settings: STREAM_SETTINGS,
  }, ["collectionUuid"]),
  batch: objectOf<BatchRecord>({
    v: V,
    kind: oneOf("batch"),
    ...BASE,
    objects: arrayOf(OBJECT),
    deadLetters: arrayOf(DEAD_LETTER),
  }),
  heartbeat: objectOf<HeartbeatRecord>({ v: V, kind: oneOf("heartbeat"), ...BASE }),
  settings: objectOf<SettingsRecord>({
    v: V,
    kind: oneOf("settings"),
    ...BASE,
    source: SOURCE,
    settings: STREAM_SETTINGS,
    changed: arrayOf(text()),
  }),
  reopened: objectOf<ReopenedRecord>({ v: V, kind: oneOf("reopened"), ...BASE }),
  gap: objectOf<GapRecord>({ v: V, kind: oneOf("gap"), ...BASE, reason: text() }),
  void: objectOf<VoidRecord>({
    v: V,
    kind: oneOf("void"),
    ...BASE,
    objects: arrayOf(VOIDED),
    reason: text(),
  }),
  closed: objectOf<ClosedRecord>({ v: V, kind: oneOf("closed"), ...BASE, reason: text() }),
};

const RECORD_FILE: FileForm<JournalRecord> = {
  what: "the journal record",
  version: RECORD_VERSION,
  shape: checkRecord,
};
