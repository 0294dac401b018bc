import type {
  NewTable,
  Requirement,
  Snapshot,
  TableChange,
  TableMetadata,
  Update,
} from "./catalog.ts";

/** The metadata of a table that nothing is in yet (table specification, version 2): no partitions, no order. */
export function newMetadata(
  { location, schema, properties }: NewTable,
  uuid: string,
  nowMs: number,
): TableMetadata {
  const { fields } = schema as { fields: readonly { id: number }[] };
  return {
    "format-version": 2,
    "table-uuid": uuid,
    location,
    "last-sequence-number": 0n,
    "last-updated-ms": BigInt(Math.floor(nowMs)),
    "last-column-id": Math.max(...fields.map(({ id }) => id)),
    "current-schema-id": 0,
    schemas: [schema],
    "default-spec-id": 0,
    "partition-specs": [{ "spec-id": 0, fields: [] }],
    "last-partition-id": 999,
    "default-sort-order-id": 0,
    "sort-orders": [{ "order-id": 0, fields: [] }],
    properties,
    "current-snapshot-id": -1n,
    refs: {},
    snapshots: [],
    "snapshot-log": [],
    "metadata-log": [],
  };
}

/** The snapshot that readers read; undefined where nothing is in the table yet. */
export function currentSnapshot(metadata: TableMetadata): Snapshot | undefined {
  const id = metadata["current-snapshot-id"];
  return metadata.snapshots?.find((snapshot) => snapshot["snapshot-id"] === id);
}

/** The schema that the table has now; undefined where the metadata does not say. */
export function currentSchema(metadata: TableMetadata): object | undefined {
  const schemas = metadata["schemas"];
  const id = metadata["current-schema-id"];
  if (!Array.isArray(schemas)) return undefined;
  return schemas.find((schema) => schema["schema-id"] === id);
}

/** No clock of ours makes a table's time go back. */
export function timeOfChange(metadata: TableMetadata, nowMs: number): bigint {
  const before = metadata["last-updated-ms"];
  const now = BigInt(Math.floor(nowMs));
  return typeof before === "bigint" && before > now ? before : now;
}

export const MAIN = "main";

type Fields = Readonly<Record<string, unknown>>;

/** What is not true of the table; undefined where everything is. */
export function unmet(metadata: TableMetadata, requirements: readonly Requirement[]) {
  return requirements.find((requirement) => !isMet(metadata, requirement));
}

function isMet(metadata: TableMetadata, requirement: Requirement): boolean {
  switch (requirement.type) {
    case "assert-table-uuid":
      return requirement["uuid"] === metadata["table-uuid"];
    case "assert-ref-snapshot-id": {
      const refs = metadata["refs"] as Record<string, Fields> | undefined;
      const id = refs?.[String(requirement["ref"])]?.["snapshot-id"] ?? null;
      return id === requirement["snapshot-id"];
    }
    default:
      throw new RangeError(`nobody requires ${requirement.type}`);
  }
}

/** Metadata that others have left behind, of which so many are named. */
const METADATA_LOG_MAX = 20;

/** The metadata behind a change. `before`: the URL of the metadata's file. */
export function metadataAfter(
  metadata: TableMetadata,
  { updates }: Pick<TableChange, "updates">,
  { before, nowMs }: { readonly before: string; readonly nowMs: bigint },
): TableMetadata {
  const log = metadata["metadata-log"] as readonly Fields[] | undefined ?? [];
  const entry = { "timestamp-ms": metadata["last-updated-ms"], "metadata-file": before };
  const changed = updates.reduce<TableMetadata>(afterUpdate, metadata);
  return {
    ...changed,
    "last-updated-ms": nowMs,
    "metadata-log": [...log, entry].slice(-METADATA_LOG_MAX),
  };
}

function afterUpdate(metadata: TableMetadata, update: Update): TableMetadata {
  switch (update.action) {
    case "add-snapshot": {
      const snapshot = update["snapshot"] as Snapshot;
      return {
        ...metadata,
        "last-sequence-number": snapshot["sequence-number"],
        snapshots: [...metadata.snapshots ?? [], snapshot],
      };
    }
    case "set-snapshot-ref":
      return withRef(metadata, update);
    case "remove-snapshots": {
      const gone = new Set(update["snapshot-ids"] as readonly bigint[]);
      const isLeft = (each: object) => !gone.has((each as Snapshot)["snapshot-id"]);
      const snapshotLog = metadata["snapshot-log"] as readonly Fields[] | undefined ?? [];
      return {
        ...metadata,
        snapshots: (metadata.snapshots ?? []).filter(isLeft),
        // What lies before a gap would tell a wrong history.
        "snapshot-log": snapshotLog.slice(snapshotLog.findLastIndex((each) => !isLeft(each)) + 1),
      };
    }
    case "set-properties": {
      const news = update["updates"] as Record<string, string>;
      return { ...metadata, properties: { ...metadata.properties, ...news } };
    }
    default:
      throw new RangeError(`nobody asks for ${update.action}`);
  }
}

function withRef(metadata: TableMetadata, update: Update): TableMetadata {
  const { "ref-name": name, "snapshot-id": id, type } = update as Fields;
  const refs = { ...metadata["refs"] as object, [String(name)]: { "snapshot-id": id, type } };
  if (name !== MAIN) return { ...metadata, refs };
  const snapshot = metadata.snapshots?.find((each) => each["snapshot-id"] === id);
  const entry = { "snapshot-id": id, "timestamp-ms": snapshot?.["timestamp-ms"] };
  return {
    ...metadata,
    refs,
    "current-snapshot-id": id as bigint,
    "snapshot-log": [...metadata["snapshot-log"] as readonly Fields[] | undefined ?? [], entry],
  };
}
