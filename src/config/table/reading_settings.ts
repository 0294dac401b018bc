import { FULL_DOCUMENTS, FULL_DOCUMENTS_BEFORE_CHANGE } from "../../model/settings.ts";
import { duration, integer, list, oneOf, text } from "./kinds.ts";
import type { Setting } from "./setting.ts";

/** Where events come from and which. */
export const READING_SETTINGS = {
  MONGODB_URI: {
    section: "MongoDB",
    kind: text(
      /^mongodb(\+srv)?:\/\/[^\s/]+/,
      "a connection string that begins with mongodb:// or mongodb+srv://",
    ),
    secret: "userinfo",
    short: "the replica set or sharded cluster to read",
    defaultNote: "required",
    placeholder: "URI",
    description: "The MongoDB deployment to read: a replica set or a sharded cluster.",
  },
  MONGODB_DATABASE: {
    section: "MongoDB",
    kind: text(/^[^/\\. "$*<>:|?\0,]{1,63}$/, "the name of one database"),
    short: "the database to watch; default: all",
    defaultNote: "none: the whole deployment",
    placeholder: "NAME",
    description: "The database to watch.",
  },
  MONGODB_COLLECTIONS: {
    section: "MongoDB",
    kind: list(
      "names separated by commas: `coll` where MONGODB_DATABASE is set, else `db.coll`; " +
        "`*` for any text, `!` in front to leave out",
    ),
    short: "coll or db.coll, with commas; * and !",
    defaultNote: "none: every collection",
    reload: "watch",
    placeholder: "LIST",
    description:
      "The collections to watch. With MONGODB_DATABASE you may write just `coll`; without it write `db.coll`. `*` stands for " +
      "any text. A `!` in front leaves a collection out.",
  },
  WATCH_LEVEL: {
    section: "MongoDB",
    kind: oneOf(["collection", "database", "deployment"]),
    defaultNote:
      "collection if only whole names of collections are given; database if one database is named; else deployment",
    placeholder: "LEVEL",
    description:
      "What one change stream reads: one collection, a whole database, or the whole deployment.",
  },
  PARTITIONS: {
    section: "MongoDB",
    kind: integer(1, 256),
    default: "1",
    placeholder: "N",
    description:
      "How many streams share one collection, by hash of `_id`. Counts for the collection's first start only. Needs " +
      "WATCH_LEVEL collection.",
  },
  FULL_DOCUMENT: {
    section: "MongoDB",
    kind: oneOf(FULL_DOCUMENTS),
    default: "update-lookup",
    placeholder: "MODE",
    description:
      "The whole document of an update. `off`: none. `update-lookup`: as it is when tributary reads the event. " +
      "`when-available`: the post-image if there is one. `required`: always the post-image.",
  },
  FULL_DOCUMENT_BEFORE_CHANGE: {
    section: "MongoDB",
    kind: oneOf(FULL_DOCUMENTS_BEFORE_CHANGE),
    default: "off",
    placeholder: "MODE",
    description:
      "The document before an update, a replacement or a delete. `off`: none. `when-available`: the pre-image if there " +
      "is one. `required`: always the pre-image.",
  },
  READING: {
    section: "MongoDB",
    kind: oneOf(["shared", "own"]),
    default: "shared",
    placeholder: "WAY",
    description:
      "How the streams of whole collections are read. `shared`: by name, many through one change stream; a drop or a rename " +
      "ends nothing. `own`: each through a change stream of its own, for which MongoDB reads its whole oplog once more, " +
      "with a row of operation `invalidate` after a drop or a rename.",
  },
  REDACT: {
    section: "MongoDB",
    kind: list("paths of fields separated by commas, such as password,customer.email"),
    defaultNote: "none",
    placeholder: "LIST",
    description:
      "Fields removed from every event before anything of it is stored: from documents, images, update descriptions " +
      "and dead letters. Paths reach into arrays. Not for `_id`.",
  },
  START_FROM: {
    section: "MongoDB",
    kind: text(
      /^(now|earliest|82[0-9A-Fa-f]{16,}|\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?)$/,
      "now, earliest, a time such as 2026-11-20T17:00:00Z, or the hexadecimal _data of a resume token (82...)",
    ),
    default: "now",
    placeholder: "POINT",
    description:
      "Where a stream begins at its first start: now, at the oldest entry of the oplog (`earliest`), at a time, or " +
      "after a resume token. Later starts go on where the journal ends.",
  },
  SNAPSHOT: {
    section: "MongoDB",
    kind: oneOf(["off", "initial"]),
    defaultNote: "`initial`; `off` where START_FROM is not now, or with FULL_DOCUMENT=off",
    placeholder: "WHICH",
    description:
      "The documents that are there before the stream begins. `initial`: at the first start of a collection, database or deployment, " +
      "each of them becomes a row with the operation `snapshot`. `off`: only what changes from then on. By default what cannot have " +
      "them (sharded clusters, MongoDB before 6.0) is streamed without; `initial`, when you write it, stops there. What was begun " +
      "before gets nothing by itself.",
  },
  SNAPSHOT_PARALLEL: {
    section: "MongoDB",
    kind: integer(1, 64),
    default: "4",
    placeholder: "N",
    description:
      "How many ranges of snapshots are read at once, by all copies together. Large collections are divided into ranges. More " +
      "are faster where there are cores for it, and more load for MongoDB.",
  },
  SNAPSHOT_RATE_MAX: {
    section: "MongoDB",
    kind: integer(1, 100_000_000),
    defaultNote: "no limit",
    placeholder: "N",
    description:
      "Documents a second that snapshots read at most, by all copies together. Such as `--where` or stages leave out count as well. " +
      "For a production database that has little to spare.",
  },
  SNAPSHOT_READ_PREFERENCE: {
    section: "MongoDB",
    kind: oneOf(["primary", "primaryPreferred", "secondary", "secondaryPreferred", "nearest"]),
    default: "primary",
    placeholder: "MODE",
    description:
      "Which members of the replica set snapshots read documents from. A secondary that is behind the stream is asked again " +
      "until it is not.",
  },
  ON_HISTORY_LOST: {
    section: "MongoDB",
    kind: oneOf(["fail", "restart", "snapshot"]),
    default: "fail",
    placeholder: "ACTION",
    description:
      "What happens if the oplog no longer reaches back to the last event. `fail`: the stream stops. `restart`: it goes " +
      "on at the oldest entry, and records the gap. `snapshot`: it does so, and all documents become rows again.",
  },
} as const satisfies Record<string, Setting>;

/** How failures are tried again; the same for MongoDB, the destination and Redis. */
export const RETRY_SETTINGS = {
  MAX_RETRIES: {
    section: "Retries",
    kind: integer(0, 1000),
    default: "10",
    placeholder: "N",
    description:
      "How often one request is tried again. After that the stream waits and begins again.",
  },
  RETRY_DELAY: {
    section: "Retries",
    kind: duration("1ms", "1h"),
    default: "1s",
    placeholder: "DURATION",
    description: "The wait before the first retry. It doubles each time.",
  },
  MAX_RETRY_DELAY: {
    section: "Retries",
    kind: duration("1ms", "1d"),
    default: "60s",
    placeholder: "DURATION",
    description: "The longest wait between retries.",
  },
} as const satisfies Record<string, Setting>;
