import {
  DUCKDB,
  latest,
  secretOf,
  SPARK,
  statementsText,
  type TableToQuery,
  TRINO,
  wordsOf,
} from "./engine_words.ts";

/** What to paste into each engine for a table of Iceberg that no catalog knows. */
export function icebergStatements({ name, url, renamedOnto }: TableToQuery): string {
  const after = renamedOnto?.token;
  const { address, events, quoted, spark } = wordsOf({ name, url });
  return statementsText([
    [
      "DuckDB",
      `INSTALL iceberg; LOAD iceberg;\n${secretOf(url)}` +
      `CREATE VIEW ${events} AS SELECT * FROM iceberg_scan(${quoted});\n${
        latest(name, DUCKDB, after)
      }`,
    ],
    [
      "Spark",
      `CREATE TEMPORARY VIEW ${events} USING iceberg OPTIONS (path ${spark});\n${
        latest(name, SPARK, after).replace("CREATE VIEW", "CREATE TEMPORARY VIEW")
      }`,
    ],
    [
      "Trino, each time anew: it keeps the metadata of that moment",
      `CALL iceberg.system.register_table(schema_name => 'default', table_name => '${events}', ` +
      `table_location => ${quoted});\n${latest(name, TRINO, after)}`,
    ],
    ["ClickHouse", `SELECT count() FROM icebergS3(${quoted});`],
    [
      "Python",
      `from pyiceberg.table import StaticTable\nStaticTable.from_metadata(${
        JSON.stringify(address)
      }).scan().to_arrow()`,
    ],
  ], renamedOnto);
}
