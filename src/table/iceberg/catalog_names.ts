import { createHash } from "node:crypto";
import type { TableName } from "../table_log.ts";

/** Where a catalog has the table of a collection. */
export interface CatalogName {
  /** Its levels, the widest first. */
  readonly namespace: readonly string[];
  readonly table: string;
}

/** What stands for the database in a namespace. */
export const DATABASE_MARK = "{db}";

const NAME_LENGTH_MAX = 120;
const HASH_HEX_DIGITS = 8;

/**
 * The name of a collection's table, of letters that every catalog takes: small ones of ASCII, digits and `_`.
 *
 * `pattern`: the levels of the namespace, separated by dots. Where the database is not in it, it is in the table's name.
 * Two collections may come to one name (`a.b` and `a_b`): the table says whose it is, and the other one has none.
 */
export function catalogName(pattern: string, { database, collection }: TableName): CatalogName {
  const namespace = pattern.split(".")
    .map((level) => level.replaceAll(DATABASE_MARK, plainName(database)));
  const table = plainName(collection);
  return pattern.includes(DATABASE_MARK)
    ? { namespace, table }
    : { namespace, table: `${plainName(database)}_${table}` };
}

/** Dots and hyphens become `_` and capitals small; of any other letter nothing would be left, so a hash tells them apart. */
function plainName(name: string): string {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, "_").replace(/^_+/, "");
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name) && plain.length <= NAME_LENGTH_MAX) return plain;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, HASH_HEX_DIGITS);
  const start = plain.slice(0, NAME_LENGTH_MAX - HASH_HEX_DIGITS - 1).replace(/_+$/, "");
  return `${start === "" ? "c" : start}_${hash}`;
}
