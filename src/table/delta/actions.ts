import { COLUMNS, type ColumnType } from "../../model/columns.ts";
import {
  addHoles,
  type HeldFile,
  type Holes,
  type TableFile,
  type TableName,
} from "../table_log.ts";
import { begunProperties, holeProperties, holesOf, nameProperties } from "../table_properties.ts";

/**
 * The actions of Delta's log that we write and read (PROTOCOL.md of delta-io/delta); of others' actions those are left out that
 * say nothing about which rows there are.
 */
export interface Action {
  readonly commitInfo?: Readonly<Record<string, unknown>>;
  readonly protocol?: Protocol;
  readonly metaData?: MetaData;
  readonly txn?: Txn;
  readonly add?: Add;
  readonly remove?: Remove;
}

export interface Protocol {
  readonly minReaderVersion: number;
  readonly minWriterVersion: number;
  readonly readerFeatures?: readonly string[];
  readonly writerFeatures?: readonly string[];
}

export interface MetaData {
  readonly id: string;
  readonly name?: string;
  readonly description?: string;
  readonly format: {
    readonly provider: string;
    readonly options: Readonly<Record<string, string>>;
  };
  readonly schemaString: string;
  readonly partitionColumns: readonly string[];
  readonly configuration: Readonly<Record<string, string>>;
  readonly createdTime?: number;
}

export interface Txn {
  readonly appId: string;
  readonly version: number;
  readonly lastUpdated?: number;
}

export interface Add {
  /** Relative to the table's folder, URI-encoded. */
  readonly path: string;
  readonly partitionValues: Readonly<Record<string, string>>;
  readonly size: number;
  readonly modificationTime: number;
  readonly dataChange: boolean;
  readonly stats?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface Remove {
  readonly path: string;
  readonly deletionTimestamp?: number;
  readonly dataChange: boolean;
}

const DELTA_TYPES: Readonly<Record<ColumnType, string>> = {
  string: "string",
  timestamp: "timestamp",
  int32: "integer",
  json: "string",
};

/** The schema of all tables, as `metaData` has it. */
export const SCHEMA_STRING = JSON.stringify({
  type: "struct",
  fields: COLUMNS.map(({ name, type, nullable }) => ({
    ...{ name, type: DELTA_TYPES[type], nullable },
    metadata: {},
  })),
});

/** Whether a table has our columns, whatever else it says of them. */
export function isOurSchema(schemaString: string): boolean {
  try {
    const { fields } = JSON.parse(schemaString) as { fields: { name: string; type: unknown }[] };
    return fields.length === COLUMNS.length &&
      COLUMNS.every(({ name, type }, i) =>
        fields[i]!.name === name && fields[i]!.type === DELTA_TYPES[type]
      );
  } catch {
    return false;
  }
}

/** A feature that nobody else knows: readers do not look at it, and writers leave a table alone that has it. */
const OWN_FEATURE = "tributary";

/** Who may write a table beside tributary. */
export type TableWriters = "ours" | "any";

export function newProtocol(writers: TableWriters): Protocol {
  if (writers === "any") return { minReaderVersion: 1, minWriterVersion: 2 };
  return {
    minReaderVersion: 1,
    minWriterVersion: 7,
    // Columns that are never null are an invariant: Spark reads no table that has one and does not say so.
    writerFeatures: ["appendOnly", "invariants", OWN_FEATURE],
  };
}

const KNOWN_FEATURES = ["appendOnly", "invariants", OWN_FEATURE];

/** What of a table's protocol we do not know; undefined where we may write it. */
export function protocolFault(protocol: Protocol): string | undefined {
  const { minReaderVersion, minWriterVersion, writerFeatures = [] } = protocol;
  if (minReaderVersion > 1) return `version ${minReaderVersion} of the protocol for readers`;
  const isListed = minWriterVersion === 7;
  if (minWriterVersion > 2 && !isListed) {
    return `version ${minWriterVersion} of the protocol for writers`;
  }
  const unknown = isListed ? writerFeatures.filter((f) => !KNOWN_FEATURES.includes(f)) : [];
  return unknown.length === 0 ? undefined : `the features ${unknown.join(", ")}`;
}

export function newMetaData(
  id: string,
  name: TableName,
  nowMs: number,
  begunWith?: string,
): MetaData {
  return {
    id,
    name: `${name.database}.${name.collection}`,
    description: "Change events of a MongoDB collection, by tributary",
    format: { provider: "parquet", options: {} },
    schemaString: SCHEMA_STRING,
    partitionColumns: [],
    configuration: { ...nameProperties(name), ...begunProperties(begunWith) },
    createdTime: nowMs,
  };
}

/** The same table with more holes. */
export function withHoles(metaData: MetaData, holes: Holes): MetaData {
  const { configuration } = metaData;
  const sum = addHoles(holesOf(configuration), holes);
  return { ...metaData, configuration: { ...configuration, ...holeProperties(sum) } };
}

export function addOf(file: TableFile): Add {
  return {
    path: encodePath(file.path),
    partitionValues: {},
    size: file.bytes,
    modificationTime: file.writtenAtMs,
    dataChange: true,
    stats: JSON.stringify(statsOf(file)),
  };
}

/** Bounds may be wide: a reader leaves out only what lies outside. */
function statsOf({ rows, bounds }: TableFile): unknown {
  if (bounds === undefined) return { numRecords: rows };
  return {
    numRecords: rows,
    minValues: { cluster_time: new Date(bounds.fromMs).toISOString() },
    maxValues: { cluster_time: new Date(bounds.toMs).toISOString() },
    nullCount: { cluster_time: 0 },
  };
}

export function removeOf(path: string, nowMs: number): Remove {
  return { path: encodePath(path), deletionTimestamp: nowMs, dataChange: true };
}

/** A path of the log is a URI: what is escaped in a key is escaped once more. */
export function encodePath(path: string): string {
  return encodeURI(path).replace(/[?#]/g, encodeURIComponent);
}

export function decodePath(path: string): string {
  return decodeURIComponent(path);
}

/** Between which times a table says that the events of an object lie. */
export function boundsOf({ stats }: Pick<Add, "stats">): TableFile["bounds"] {
  if (stats === undefined) return undefined;
  try {
    const { minValues, maxValues } = JSON.parse(stats);
    const [fromMs, toMs] = [minValues, maxValues].map((each) => Date.parse(each?.cluster_time));
    return Number.isFinite(fromMs! + toMs!) ? { fromMs: fromMs!, toMs: toMs! } : undefined;
  } catch {
    return undefined;
  }
}

/** What a table says of an object. */
export function heldFileOf(add: Add): HeldFile {
  return { path: decodePath(add.path), bytes: add.size, rows: rowsOf(add) };
}

/** How many rows a table says that an object has; 0 where it says nothing that can be read. */
export function rowsOf({ stats }: Pick<Add, "stats">): number {
  if (stats === undefined) return 0;
  try {
    return Number(JSON.parse(stats).numRecords ?? 0);
  } catch {
    return 0;
  }
}
