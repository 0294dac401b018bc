/** Reads objects back with DuckDB, which shares no code with what wrote them. */
import { DuckDBInstance } from "@duckdb/node-api";
import type { Format } from "../../src/model/format.ts";

/** One row: times in milliseconds, documents as JSON text. */
export type TextRow = Readonly<Record<string, string | number | null>>;

/** How DuckDB is told to read a file of a format; no guessing, so that a wrong type is an error. */
const SOURCES: Readonly<Record<Exclude<Format, "avro">, (path: string) => string>> = {
  parquet: (path) => `read_parquet('${path}')`,
  jsonl: (path) =>
    `read_json('${path}', format = 'newline_delimited', maximum_object_size = 67108864,
      columns = ${columnTypes("JSON")})`,
  csv: (path) =>
    `read_csv('${path}', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
      new_line = '\\r\\n', nullstr = '', allow_quoted_nulls = false, max_line_size = 67108864,
      columns = ${columnTypes("VARCHAR")})`,
};

/** All rows of the file, in its order. */
export async function readWithDuckDb(
  path: string,
  format: Exclude<Format, "avro">,
): Promise<TextRow[]> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(
      `SELECT operation, database, collection, epoch_ms(cluster_time) AS cluster_time,
        cluster_increment, epoch_ms(wall_time) AS wall_time,
        ${DOCUMENTS.map((name) => `${name}::VARCHAR AS ${name}`).join(", ")}, resume_token
      FROM ${SOURCES[format](path)}`,
    );
    return reader.getRowObjectsJS().map(withNumbers);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const DOCUMENTS = [
  "document_key",
  "full_document",
  "full_document_before_change",
  "update_description",
];

function columnTypes(documentType: "JSON" | "VARCHAR"): string {
  const types = {
    operation: "VARCHAR",
    database: "VARCHAR",
    collection: "VARCHAR",
    cluster_time: "TIMESTAMPTZ",
    cluster_increment: "INTEGER",
    wall_time: "TIMESTAMPTZ",
    ...Object.fromEntries(DOCUMENTS.map((name) => [name, documentType])),
    resume_token: "VARCHAR",
  };
  return `{${Object.entries(types).map(([name, type]) => `${name}: '${type}'`).join(", ")}}`;
}

function withNumbers(row: Readonly<Record<string, unknown>>): TextRow {
  const entries = Object.entries(row).map(([name, value]) => [
    name,
    typeof value === "bigint" ? Number(value) : value as string | number | null,
  ]);
  return Object.fromEntries(entries);
}
