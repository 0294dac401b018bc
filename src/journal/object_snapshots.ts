import { TransientError } from "../model/errors.ts";
import type { ClusterTime } from "../model/cluster_time.ts";
import type {
  CollectionName,
  Piece,
  RenamedOnto,
  SnapshotCancel,
  SnapshotEnd,
  SnapshotIntent,
  SnapshotPlan,
} from "../model/snapshot.ts";
import type { SnapshotFiles, SnapshotFound } from "../pipeline/snapshots.ts";
import { listAll } from "../support/flow/list_all.ts";
import { arrayOf, nullOr, objectOf, oneOf, text, wholeNumber } from "../support/json_shape.ts";
import { STREAM_SETTINGS } from "./codec/settings_shape.ts";
import { STREAM } from "./codec/stream_shape.ts";
import { decodeFile, encodeFile, type FileForm } from "./codec/versioned_json.ts";
import { SNAPSHOTS_FOLDER } from "./journal_keys.ts";
import { type JournalStore, JSON_CONTENT } from "./object_journal.ts";

const V = oneOf(1);
const ID = text(/^./s, "a text that is not empty");
const TIME = text();
const NAMES = arrayOf(objectOf<CollectionName>({ database: ID, collection: ID }));

const CLUSTER_TIME = objectOf<ClusterTime>({ t: wholeNumber(0), i: wholeNumber(0) });

const INTENT: FileForm<SnapshotIntent> = {
  what: "the snapshot's intent",
  versions: [1],
  shape: objectOf<SnapshotIntent>({
    v: V,
    id: ID,
    reason: oneOf("initial", "asked", "history-lost", "renamed"),
    stream: STREAM,
    target: STREAM,
    where: text(),
    lost: objectOf({ stream: ID, seq: wholeNumber(1) }),
    onto: objectOf<RenamedOnto>({ database: ID, collection: ID, at: CLUSTER_TIME }),
    writtenAt: TIME,
  }, ["target", "where", "lost", "onto"]),
};

const CANCEL: FileForm<SnapshotCancel> = {
  what: "that a snapshot is cancelled",
  versions: [1],
  shape: objectOf<SnapshotCancel>({ v: V, id: ID, writtenAt: TIME }),
};

const PIECE = objectOf<Piece>({
  database: ID,
  collection: ID,
  uuid: text(/^[0-9a-f]{32}$/, "32 hex digits in lower case"),
  from: ID,
  to: ID,
  only: ID,
  isCapped: oneOf(true as const),
}, ["from", "to", "only", "isCapped"]);

const PLAN: FileForm<SnapshotPlan> = {
  what: "the snapshot's plan",
  versions: [1],
  shape: objectOf<SnapshotPlan>({
    v: V,
    id: ID,
    stream: STREAM,
    target: STREAM,
    where: text(),
    floor: CLUSTER_TIME,
    ranges: arrayOf(objectOf<SnapshotPlan["ranges"][number]>({ pieces: arrayOf(PIECE) })),
    settings: STREAM_SETTINGS,
    documents: wholeNumber(0),
    leftOut: NAMES,
    writtenAt: TIME,
  }, ["target", "where"]),
};

const END: FileForm<SnapshotEnd> = {
  what: "the snapshot's end",
  versions: [1],
  shape: objectOf<SnapshotEnd>(
    {
      ...{ v: V, id: ID, outcome: oneOf("cancelled"), writtenAt: TIME },
      ...{ database: nullOr(ID), collection: nullOr(ID), before: ID, except: NAMES },
    },
    ["outcome", "database", "collection", "before", "except"],
  ),
};

/** The files of snapshots beside the journals, `_tributary/snapshot/{id}.{intent|plan|cancelled|end}.json`, each written once. */
export function createObjectSnapshots(store: JournalStore): SnapshotFiles {
  return {
    putIntent: (intent) => put(store, INTENT, fileKey(intent.id, "intent"), intent),
    putCancel: (cancel) => put(store, CANCEL, fileKey(cancel.id, "cancelled"), cancel),
    putPlan: (plan) => put(store, PLAN, fileKey(plan.id, "plan"), plan),
    putEnd: (end) => put(store, END, fileKey(end.id, "end"), end),
    find: () => find(store),
    readIntent: (id) => read(store, INTENT, fileKey(id, "intent")),
    readPlan: (id) => read(store, PLAN, fileKey(id, "plan")),
    readEnd: (id) => read(store, END, fileKey(id, "end")),
  };
}

type Kind = "intent" | "plan" | "cancelled" | "end";

function fileKey(id: string, kind: Kind): string {
  return `${SNAPSHOTS_FOLDER}${id}.${kind}.json`;
}

const FILE = /^([^/]+)\.(intent|plan|cancelled|end)\.json$/;

async function find(store: JournalStore): Promise<Map<string, SnapshotFound>> {
  const found = new Map<string, SnapshotFound>();
  for (const key of await listAll(store, SNAPSHOTS_FOLDER)) {
    const [, id, kind] = FILE.exec(key.slice(SNAPSHOTS_FOLDER.length)) ?? [];
    if (id === undefined) continue;
    const known = found.get(id) ?? { hasPlan: false, hasEnd: false, isCancelled: false };
    found.set(id, {
      hasPlan: known.hasPlan || kind === "plan",
      hasEnd: known.hasEnd || kind === "end",
      isCancelled: known.isCancelled || kind === "cancelled",
    });
  }
  return found;
}

async function read<T>(
  store: JournalStore,
  form: FileForm<T>,
  key: string,
): Promise<T | undefined> {
  const bytes = await store.get(key);
  return bytes === undefined ? undefined : decodeFile(form, bytes, key);
}

/** The first one written counts, ours or another's. */
async function put<T>(
  store: JournalStore,
  form: FileForm<T>,
  key: string,
  value: T,
): Promise<T> {
  if (await store.putIfAbsent(key, encodeFile(form, value), JSON_CONTENT) === "created") {
    return value;
  }
  const earlier = await read(store, form, key);
  if (earlier !== undefined) return earlier;
  throw new TransientError(`Cannot write "${key}": it is said to exist, but cannot be read`);
}
