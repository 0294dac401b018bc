import { COMPRESSIONS, FORMAT_NAMES } from "../../model/format.ts";
import { JSON_MODES } from "../../model/settings.ts";
import { S3_ACLS, S3_ENCRYPTIONS } from "../../model/address/s3_settings.ts";
import { boolean, duration, integer, oneOf, oneOrBoth, size, text } from "./kinds.ts";
import type { Setting } from "./setting.ts";

/** A bucket with a prefix, or a folder. */
const PLACE = /^(s3:\/\/[^\s/?#@:]+(\/[^?#]*)?|file:\/\/\/[^?#]+)$/;

/** Where objects go. Credentials come by the AWS SDK's own chain and are no settings. */
export const DESTINATION_SETTINGS = {
  DESTINATION: {
    section: "Destination",
    kind: text(PLACE, "s3://bucket/prefix or file:///directory"),
    short: "s3://bucket/prefix or file:///directory",
    defaultNote: "required, unless S3_BUCKET is set",
    placeholder: "URL",
    description: "Where objects and the journal go: `s3://bucket/prefix` or `file:///directory`.",
  },
  JOURNAL: {
    section: "Destination",
    kind: text(PLACE, "s3://bucket/prefix or file:///directory"),
    defaultNote: "the destination",
    placeholder: "URL",
    description:
      "Where the journal and what belongs to it go, if not into the destination: records, layouts, starts, and what was " +
      "accepted or redriven. Written like DESTINATION; the settings of S3 count for both. A lake keeps its place: where " +
      "there is a journal elsewhere already, nothing starts.",
  },
  S3_BUCKET: {
    section: "Destination",
    kind: text(/^[A-Za-z0-9][A-Za-z0-9._-]{1,62}$/, "the name of a bucket"),
    placeholder: "NAME",
    description: "The bucket; another way to write DESTINATION.",
  },
  S3_PREFIX: {
    section: "Destination",
    kind: text(/^[^?#]*$/, "the beginning of keys, such as lake/orders"),
    placeholder: "PREFIX",
    description: "What all keys in S3_BUCKET begin with.",
  },
  AWS_REGION: {
    section: "Destination",
    kind: text(/^[a-z0-9-]{1,64}$/, "the name of a region, such as eu-central-1"),
    defaultNote: "what the AWS SDK finds (profile)",
    placeholder: "REGION",
    description: "The region of the bucket.",
  },
  S3_ENDPOINT: {
    section: "Destination",
    kind: text(/^https?:\/\/[^\s/@]+\/?$/, "an address such as https://minio.example:9000"),
    short: "an S3 server that is not AWS",
    defaultNote: "AWS",
    placeholder: "URL",
    description: "The address of an S3 server that is not AWS.",
  },
  S3_FORCE_PATH_STYLE: {
    section: "Destination",
    kind: boolean(),
    defaultNote: "true if S3_ENDPOINT is set",
    placeholder: "BOOL",
    description:
      "Whether the bucket's name is in the path of requests. Else it is in the host name.",
  },
  S3_SSE: {
    section: "Destination",
    kind: oneOf(S3_ENCRYPTIONS),
    defaultNote: "the bucket's",
    placeholder: "KIND",
    description: "How the server encrypts objects.",
  },
  S3_KMS_KEY_ID: {
    section: "Destination",
    kind: text(/^\S{1,2048}$/, "the id, alias or ARN of a KMS key"),
    defaultNote: "the account's default key",
    placeholder: "ID",
    description: "The key, if S3_SSE is `aws:kms`.",
  },
  S3_STORAGE_CLASS: {
    section: "Destination",
    kind: text(/^[A-Z0-9_-]{1,64}$/, "a storage class such as STANDARD_IA or INTELLIGENT_TIERING"),
    defaultNote: "the bucket's",
    placeholder: "CLASS",
    description: "The storage class of objects.",
  },
  S3_ACL: {
    section: "Destination",
    kind: oneOf(S3_ACLS),
    defaultNote: "the bucket's",
    placeholder: "ACL",
    description: "The canned access control list of objects.",
  },
} as const satisfies Record<string, Setting>;

/** What objects are made of and what they are called. */
export const OBJECT_SETTINGS = {
  FORMAT: {
    section: "Objects",
    kind: oneOf(FORMAT_NAMES),
    default: "parquet",
    short: "parquet, jsonl, csv, avro",
    placeholder: "FORMAT",
    description: "The format of objects.",
  },
  COMPRESSION: {
    section: "Objects",
    kind: oneOf(COMPRESSIONS),
    default: "zstd",
    short: "none, gzip, zstd, snappy",
    placeholder: "CODEC",
    description:
      "How objects are compressed. In parquet and avro the contents are compressed, not the file; gzip means deflate " +
      "in avro. snappy is for parquet and avro only.",
  },
  COMPRESSION_LEVEL: {
    section: "Objects",
    kind: integer(1, 22),
    defaultNote: "the codec's fast level",
    placeholder: "N",
    description: "How hard to compress: 1 to 9 for gzip, 1 to 22 for zstd.",
  },
  JSON_MODE: {
    section: "Objects",
    kind: oneOf(JSON_MODES),
    default: "relaxed",
    placeholder: "MODE",
    description:
      "How documents are written: relaxed or canonical Extended JSON v2. canonical keeps every type.",
  },
  KEY_STRATEGY: {
    section: "Objects",
    kind: oneOf(["hive", "hive-plain", "date-hour", "date", "collection", "flat"]),
    default: "hive",
    short: "hive, hive-plain, date, flat or others",
    placeholder: "NAME",
    description:
      "The folders of objects. `hive`: `db=shop/coll=orders/year=2026/month=11/day=20/hour=17/`. `hive-plain`: the same, with `!2F` in place of " +
      "`%2F` in names, so that readers of tables find each of them; with TABLES the default. `date-hour`: `shop/orders/2026/11/20/17/`. `date`: the same without the hour. `collection`: `shop/orders/`. `flat`: none. The " +
      "time is that of the event, in UTC.",
  },
  KEY_TEMPLATE: {
    section: "Objects",
    kind: text(/^.+$/, "folders with the placeholders {db} {coll} {yyyy} {MM} {dd} {HH} {hash}"),
    placeholder: "TEMPLATE",
    description:
      "Folders of your own in place of KEY_STRATEGY. They are made of `{db} {coll} {yyyy} {MM} {dd} {HH}`, and `{hash}` " +
      "for hot prefixes; `{db!}` and `{coll!}` are names without a `%`. The file name is always tributary's.",
  },
} as const satisfies Record<string, Setting>;

/** Tables over the objects of a lake. */
export const TABLE_SETTINGS = {
  TABLES: {
    section: "Tables",
    kind: oneOrBoth(["delta", "iceberg"]),
    default: "none",
    placeholder: "KIND",
    description:
      "Whether each collection also becomes a table over its objects while they are written. `delta`: a Delta Lake table in the " +
      "folder of the collection. `iceberg`: a table of Apache Iceberg there. `delta,iceberg`: both. Needs FORMAT=parquet.",
  },
  TABLE_INTERVAL: {
    section: "Tables",
    kind: duration("1s", "1d"),
    default: "1m",
    placeholder: "DURATION",
    description:
      "How often tables are brought to where the lake is, by one of all copies. A table of Delta with news costs two requests then, one of Iceberg five, " +
      "each stream one.",
  },
  TABLE_COMPACTION: {
    section: "Tables",
    kind: boolean(),
    default: "false",
    placeholder: "BOOL",
    description:
      "Whether small objects of hours that are over are joined, about once an hour. Tables name the larger ones in their place. " +
      "The small ones stay where they are, so the lake grows by a copy of them, unless TABLE_RETENTION is set.",
  },
  TABLE_RETENTION: {
    section: "Tables",
    kind: duration("7d", "3650d"),
    placeholder: "DURATION",
    description: "After which time objects are deleted that were joined (TABLE_COMPACTION). " +
      "It counts from when all tables were seen to name what they became. " +
      "From then on their rows are found by tables alone: a glob such as `year=*/**/*.parquet` misses them. Default: nothing is ever deleted. " +
      "Needs the right to delete, and this version or a later one in all copies and verbs.",
  },
  TABLE_WRITERS: {
    section: "Tables",
    kind: oneOf(["ours", "any"]),
    default: "ours",
    placeholder: "WHO",
    description:
      "Who may write a table that begins now. `ours`: tributary alone; engines read it and refuse to write it. `any`: engines " +
      "may, too. On S3 many of them write without looking whether somebody else has, so keep to one at a time then.",
  },
} as const satisfies Record<string, Setting>;

/** How large objects become and what they may cost. */
export const BATCH_SETTINGS = {
  BATCH_SIZE: {
    section: "Batches and memory",
    kind: integer(1, 10_000_000),
    default: "50000",
    short: "events of a batch at most",
    reload: "batchRowsMax",
    placeholder: "N",
    description: "A batch is written when it has this many events.",
  },
  BATCH_TIMEOUT: {
    section: "Batches and memory",
    kind: duration("10ms", "1d"),
    default: "30s",
    short: "age of a batch at most",
    reload: "batchTimeoutMs",
    placeholder: "DURATION",
    description: "A batch is written when its first event is this old.",
  },
  BATCH_BYTES: {
    section: "Batches and memory",
    kind: size("1KiB", "4GiB"),
    default: "32MiB",
    reload: "batchBytesMax",
    placeholder: "SIZE",
    description: "A batch is written when its events have this size, counted as BSON.",
  },
  MEMORY_BUDGET: {
    section: "Batches and memory",
    kind: size("1MiB", "1024GiB"),
    default: "192MiB",
    placeholder: "SIZE",
    description:
      "How much memory the events of all streams may take together. While it is full, reading waits.",
  },
  ENCODERS: {
    section: "Batches and memory",
    kind: integer(0, 256),
    defaultNote: "the number of cores less one, at least 1",
    placeholder: "N",
    description: "How many threads encode objects. 0: the main thread does it.",
  },
  UPLOADS_IN_FLIGHT: {
    section: "Batches and memory",
    kind: integer(1, 64),
    default: "4",
    placeholder: "N",
    description: "How many objects one stream writes at the same time.",
  },
} as const satisfies Record<string, Setting>;
