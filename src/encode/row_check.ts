import { COLUMNS } from "../model/columns.ts";

type ColumnName = (typeof COLUMNS)[number]["name"];
type ColumnFacts = (typeof COLUMNS)[number];

/**
 * Why a value that was read from this column cannot be what was written there; undefined where it can. Columns that are
 * not known (a newer tributary has added them) can hold anything. Texts have been decoded already, so they are UTF-8.
 */
export function valueFault(name: string, value: unknown): string | undefined {
  const column = COLUMNS_BY_NAME.get(name);
  if (column === undefined) return undefined;
  if (value === null || value === undefined) {
    return column.nullable ? undefined : `column ${name} is null`;
  }
  switch (column.type) {
    case "string":
      return textFault(column.name, value);
    case "json":
      return jsonFault(column.name, value);
    case "timestamp":
      return timeFault(column.name, value);
    case "int32":
      return Number.isInteger(value) && (value as number) >= 0
        ? undefined
        : `column ${name} is ${value}`;
  }
}

/** Told of each value of a column; says why it cannot be one, or undefined. */
export type ValueCheck = (name: string, value: unknown) => string | undefined;

/** Columns that every object has, also one of a first version. */
export const REQUIRED_COLUMNS: readonly string[] = COLUMNS.map(({ name }) => name);

const COLUMNS_BY_NAME: ReadonlyMap<string, ColumnFacts> = new Map(
  COLUMNS.map((column) => [column.name, column]),
);

/** Rows have these in any case; an empty text is what zeroed bytes are read as. */
const NEVER_EMPTY: ReadonlySet<ColumnName> = new Set(["operation", "resume_token"]);

function textFault(name: ColumnName, value: unknown): string | undefined {
  if (typeof value !== "string") return `column ${name} is no text`;
  if (value === "" && NEVER_EMPTY.has(name)) return `column ${name} is empty`;
  // No name in MongoDB has one.
  return value.includes("\0") ? `column ${name} has a zero byte` : undefined;
}

function jsonFault(name: ColumnName, value: unknown): string | undefined {
  if (typeof value !== "string") return `column ${name} is no text`;
  try {
    JSON.parse(value);
    return undefined;
  } catch {
    return `column ${name} is not JSON`;
  }
}

/** Milliseconds since 1970, or ISO 8601. The first second belongs to no event; a server's clock may say anything. */
function timeFault(name: ColumnName, value: unknown): string | undefined {
  const ms = typeof value === "string" ? Date.parse(value) : value;
  const isTime = typeof ms === "number" && Number.isSafeInteger(ms) &&
    (ms > 0 || name !== "cluster_time");
  return isTime ? undefined : `column ${name} is ${JSON.stringify(value)}, which is no time`;
}
