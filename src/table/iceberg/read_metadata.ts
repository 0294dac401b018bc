import {
  arrayOf,
  mapOf,
  openObjectOf,
  type Shape,
  text,
  wholeNumber,
} from "../../support/json_shape.ts";
import type { TableMetadata } from "./catalog.ts";
import { nameOfTable } from "../table_properties.ts";

const long: Shape<bigint> = (value, at) =>
  typeof value === "bigint" ? value : BigInt(wholeNumber(0)(value, at));

const PROPERTIES = mapOf(text());

const IDENTITY = openObjectOf({ "format-version": wholeNumber(1), "table-uuid": text() });

interface Shown {
  readonly "last-sequence-number": bigint;
  readonly snapshots?: readonly object[];
  readonly "current-snapshot-id"?: bigint;
  readonly schemas: readonly object[];
  readonly "partition-specs": readonly object[];
  readonly refs?: Readonly<Record<string, object>>;
}

/** What is read of a table of ours; the rest may be anything. */
const TABLE = openObjectOf<Shown>({
  "last-sequence-number": long,
  snapshots: arrayOf(openObjectOf({
    ...{ "snapshot-id": long, "sequence-number": long, "timestamp-ms": long },
    ...{ "manifest-list": text(), summary: PROPERTIES },
  })),
  "current-snapshot-id": long,
  schemas: arrayOf(openObjectOf({})),
  "partition-specs": arrayOf(openObjectOf({})),
  refs: mapOf(openObjectOf({ "snapshot-id": long })),
}, ["snapshots", "current-snapshot-id", "refs"]);

/** From here on metadata has all that `TABLE` asks for. */
const FORMAT_VERSION_MIN = 2;

const NO_SNAPSHOT = -1n;

/** Metadata of a table as its JSON says it. Throws an error that says what is not as it must be; of tables of others next to nothing must. */
export function readMetadata(value: unknown): TableMetadata {
  IDENTITY(value, "", "left-out");
  const given = value as Partial<TableMetadata>;
  // Of version 1, and where there are none, they are left out.
  const defaults = { "last-sequence-number": 0n };
  const properties = given.properties ?? {};
  const metadata = { ...defaults, ...given, properties } as TableMetadata;
  const isOurs = nameOfTable(metadata.properties) !== undefined;
  if (!isOurs || metadata["format-version"] < FORMAT_VERSION_MIN) return metadata;
  PROPERTIES(metadata.properties, "properties");
  const present = Object.entries(given).filter(([, each]) => each !== null);
  TABLE(Object.fromEntries(present), "", "left-out");
  const id = metadata["current-snapshot-id"] ?? NO_SNAPSHOT;
  const isThere = metadata.snapshots?.some((snapshot) => snapshot["snapshot-id"] === id);
  if (id === NO_SNAPSHOT || isThere) return metadata;
  throw new RangeError(`its snapshot ${id} is not there`);
}
