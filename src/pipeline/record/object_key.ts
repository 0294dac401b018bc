import { crc32Hex } from "../../support/bytes/crc32.ts";
import { encodeName, encodePlainName } from "../../model/keys/name_encoding.ts";
import type { BucketRule, KeyRule } from "../../model/settings.ts";

/** Names an object of a record; all of it comes from the record, nothing from a clock. */
export interface ObjectName {
  readonly streamKey: string;
  readonly seq: number;
  /** The object's number in its record, from 0, in the order of first events. */
  readonly index: number;
  /** The id of the record: one on a copy of the lake has another, also with the same seq. */
  readonly recordId: string;
  readonly extension: string;
}

/** So much of a record's id stands in keys. */
const RECORD_ID_DIGITS = 8;

/** 256 folders, which S3 can divide among its servers. */
const HASH_DIGITS = 2;

const BUCKET_SECONDS: Readonly<Record<Exclude<BucketRule, "none">, number>> = {
  hour: 3600,
  day: 86_400,
};

/** The number of the hour or day since 1970 UTC in which an event happened; 0 where all times go together. */
export function bucketNumber(rule: BucketRule, clusterSeconds: number): number {
  return rule === "none" ? 0 : Math.floor(clusterSeconds / BUCKET_SECONDS[rule]);
}

/** The bucket as records show it: `2026-11-20T17`, `2026-11-20` or empty. */
export function bucketName(rule: BucketRule, number: number): string {
  if (rule === "none") return "";
  const iso = new Date(number * BUCKET_SECONDS[rule] * 1000).toISOString();
  return rule === "hour" ? iso.slice(0, 13) : iso.slice(0, 10);
}

/** What Hive, Spark and DuckDB read as null in a `name=value` path segment. */
const HIVE_NULL = "__HIVE_DEFAULT_PARTITION__";

/** The beginning of a folder that readers pass over. A dot in front of a name is escaped wherever it stands. */
const HIDDEN = /(^|\/)_/g;

/** Whether names are written without a `%`. */
const PLAIN = /\{(db|coll)!\}/;

/**
 * The key of an object, relative to the destination's prefix. `{hash}` follows from its file name. `{db!}` and `{coll!}` are
 * names without a `%`.
 *
 * An event of no collection (dropDatabase) has null for `{coll}` after a `=`, and `-` elsewhere. A folder never begins with
 * `_`: Spark, Hive, Athena and pyarrow would not see it, and a database that is called like the journal's folder would
 * reach into it.
 */
export function objectKey(
  rule: KeyRule,
  namespace: { readonly database: string; readonly collection: string | null },
  bucket: string,
  name: ObjectName,
): string {
  const { database, collection } = namespace;
  const values: Readonly<Record<string, string>> = {
    db: encodeName(database),
    "db!": encodePlainName(database),
    coll: collection === null ? "-" : encodeName(collection),
    "coll!": collection === null ? "-" : encodePlainName(collection),
    yyyy: bucket.slice(0, 4),
    MM: bucket.slice(5, 7),
    dd: bucket.slice(8, 10),
    HH: bucket.slice(11, 13),
    hash: crc32Hex(new TextEncoder().encode(fileName(name))).slice(0, HASH_DIGITS),
  };
  const template = collection === null
    ? rule.template.replace(/=\{coll!?\}/g, `=${HIVE_NULL}`)
    : rule.template;
  const folder = template
    .replace(
      /\{(db!?|coll!?|yyyy|MM|dd|HH|hash)\}/g,
      (_, placeholder: string) => values[placeholder]!,
    )
    .replace(HIDDEN, PLAIN.test(rule.template) ? "$1!5F" : "$1%5F");
  const slash = folder === "" || folder.endsWith("/") ? "" : "/";
  return `${folder}${slash}${fileName(name)}.${name.extension}`;
}

/** The beginning of a key as versions made it that let folders begin with `_`, but for the journal's own. */
export function withHiddenFolders(key: string): string {
  return key.replace(/(^|\/)%5F/g, "$1_").replace(/^_tributary(?=\/|$)/, "%5Ftributary");
}

/**
 * The key of an object made of a record's dead letters, beside the objects of the record. Readers of the table find it by
 * its ending; for versions that know nothing of it its name is that of a file of other people.
 */
export function redrivenKey(
  rule: KeyRule,
  namespace: { readonly database: string; readonly collection: string | null },
  bucket: string,
  name: ObjectName,
): string {
  return objectKey(rule, namespace, bucket, { ...name, extension: `redriven.${name.extension}` });
}

/** The key of a record's dead letters. */
export function deadLetterKey(name: Omit<ObjectName, "extension">): string {
  return `_tributary/dead-letter/${fileName(name)}.bson`;
}

function fileName({ streamKey, recordId, seq, index }: Omit<ObjectName, "extension">): string {
  return `${streamKey}-${shortId(recordId)}-${seq}-${index}`;
}

/** The first hex digits of a UUID. */
function shortId(recordId: string): string {
  return recordId.replaceAll("-", "").slice(0, RECORD_ID_DIGITS);
}

/** What follows the stream's key in the file name of an object; before record ids it was the journal's `lake`. */
export const FILE_NAME_REST = /^[0-9a-f]{8}-\d+-\d+\.[a-z.]+$/;

/** Whether a key says that it is of this record; older versions made keys that told the journal and the seq only. */
export function carriesRecordId(key: string, recordId: string): boolean {
  return /-([0-9a-f]{8})-\d+-\d+\.[a-z.]+$/.exec(key)?.[1] === shortId(recordId);
}
