import {
  DUCKDB,
  latest,
  nameOf,
  renameNote,
  secretOf,
  SPARK,
  type TableToQuery,
  TRINO,
} from "./table_text.ts";

/** What to paste into each engine for a table of Iceberg that no catalog knows. */
export function icebergStatements({ collection, url, renamedOnto }: TableToQuery): string {
  const after = renamedOnto?.token;
  const address = url.replace(/\/$/, "").replace(/^file:\/\//, "");
  const s3a = address.replace(/^s3:/, "s3a:");
  const name = nameOf(collection);
  const events = `${name}_events`;
  const sections: readonly [engine: string, statements: string][] = [
    [
      "DuckDB",
      `INSTALL iceberg; LOAD iceberg;\n${secretOf(url)}` +
      `CREATE VIEW ${events} AS SELECT * FROM iceberg_scan('${address}');\n${
        latest(name, DUCKDB, after)
      }`,
    ],
    [
      "Spark",
      `CREATE TEMPORARY VIEW ${events} USING iceberg OPTIONS (path '${s3a}');\n${
        latest(name, SPARK, after).replace("CREATE VIEW", "CREATE TEMPORARY VIEW")
      }`,
    ],
    [
      "Trino, each time anew: it keeps the metadata of that moment",
      `CALL iceberg.system.register_table(schema_name => 'default', table_name => '${events}', ` +
      `table_location => '${address}');\n${latest(name, TRINO, after)}`,
    ],
    ["ClickHouse", `SELECT count() FROM icebergS3('${address}');`],
    [
      "Python",
      `from pyiceberg.table import StaticTable\nStaticTable.from_metadata("${address}").scan().to_arrow()`,
    ],
  ];
  return renameNote(renamedOnto) +
    sections.map(([engine, text]) => `\n-- ${engine}\n${text}\n`).join("");
}
