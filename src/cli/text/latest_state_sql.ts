/** The query of `docs/querying.md` that gives the state of each document, filled in for a lake. */

export const SQL_DIALECTS = ["duckdb", "spark", "athena", "trino", "snowflake"] as const;
export type SqlDialect = typeof SQL_DIALECTS[number];

/** What is asked for. */
export interface SqlTarget {
  /** Of the lake, without a slash at its end. */
  readonly url: string;
  readonly format: "parquet" | "jsonl";
  /** With its dot, as files end. */
  readonly extension: string;
  readonly database: string;
  readonly collection: string;
}

/** How an engine says it. */
interface Words {
  /** Where events are read from. */
  readonly from: (target: SqlTarget) => string;
  /** What must be done before, or known. */
  readonly note?: string;
  /** The text at a path of a column of JSON. */
  readonly field: (column: string, path: string) => string;
  /** What tells documents apart by their `_id`, whatever it is: a text `1` is another one than the number. */
  readonly id: string;
}

/** Engines that read tables know where their files are. */
const TABLE: Pick<Words, "from" | "note"> = {
  from: () => "lake_events",
  note: "-- lake_events stands for your table over the whole lake.\n",
};

/** Else documents would be guessed to be structures. */
const JSON_COLUMNS = [
  ...["operation", "database", "collection", "resume_token"].map((name) => `${name}: 'VARCHAR'`),
  ...["document_key", "full_document", "update_description"].map((name) => `${name}: 'JSON'`),
].join(", ");

const PRESTO: Words = {
  ...TABLE,
  field: (column, path) => `json_extract_scalar(${column}, '$.${path}')`,
  id: "json_format(json_extract(document_key, '$._id'))",
};

const DIALECTS: Readonly<Record<SqlDialect, Words>> = {
  duckdb: {
    // The folders tell nothing more, and may be of more than one layout.
    from: ({ url, format, extension }) => {
      const files = sqlText(`${url.replace(/^file:\/\//, "")}/**/*${extension}`);
      return format === "parquet"
        ? `read_parquet(${files}, hive_partitioning = false, union_by_name = true)`
        : `read_json(${files}, format = 'newline_delimited', maximum_object_size = 134217728,
    columns = {${JSON_COLUMNS}})`;
    },
    field: (column, path) => `(${column} ->> '$.${path}')`,
    id: "document_key -> '$._id'",
  },
  spark: {
    from: ({ url, format }) => {
      const place = url.replace(/^s3:/, "s3a:");
      return `${format === "parquet" ? "parquet" : "json"}.\`${place}/\``;
    },
    field: (column, path) => `get_json_object(${column}, '$.${path}')`,
    // It gives texts without their quotes.
    id: `get_json_object(document_key, '$._id'), document_key LIKE '%"_id":"%'`,
  },
  athena: PRESTO,
  trino: PRESTO,
  snowflake: {
    ...TABLE,
    field: (column, path) => `get_path(parse_json(${column}), ${sqlText(path)})::string`,
    id: "to_json(get_path(parse_json(document_key), '_id'))",
  },
};

/** `conditions`: more that a document's last row must fulfil. */
export function latestStateSql(
  dialect: SqlDialect,
  target: SqlTarget,
  conditions: readonly string[] = [],
): string {
  const { from, note = "", field, id } = DIALECTS[dialect];
  const database = sqlText(target.database);
  const collection = sqlText(target.collection);
  const changed = "'snapshot', 'insert', 'update', 'replace', 'delete'";
  return `${note}WITH events AS (
  SELECT * FROM ${from(target)}
  WHERE database = ${database} OR ${field("update_description", "to.db")} = ${database}
), ended AS (
  SELECT coalesce(max(resume_token), '') AS token FROM events
  WHERE database = ${database} AND operation = 'dropDatabase'
    OR database = ${database} AND collection = ${collection} AND operation IN ('drop', 'rename')
    OR operation = 'rename' AND ${field("update_description", "to.db")} = ${database}
      AND ${field("update_description", "to.coll")} = ${collection}
), ranked AS (
  SELECT *, row_number() OVER (PARTITION BY ${id} ORDER BY resume_token DESC) AS newest
  FROM events
  WHERE database = ${database} AND collection = ${collection}
    AND operation IN (${changed})
)
SELECT document_key, full_document FROM ranked, ended
WHERE newest = 1 AND operation <> 'delete' AND resume_token > token${
    conditions.map((each) => `\n  AND ${each}`).join("")
  };
`;
}

export function sqlText(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
