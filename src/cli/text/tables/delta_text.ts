import { sqlText } from "../latest_state_sql.ts";
import {
  DUCKDB,
  latest,
  secretOf,
  SNOWFLAKE,
  SPARK,
  sparkText,
  statementsText,
  type TableToQuery,
  TRINO,
  wordsOf,
} from "./engine_words.ts";

/** What to paste into each engine: how it reads the table, and the view of the latest state of each document. */
export function tableStatements({ name, url, renamedOnto }: TableToQuery): string {
  const after = renamedOnto?.token;
  const { address, events, quoted, spark } = wordsOf({ name, url });
  return statementsText([
    [
      "DuckDB",
      `INSTALL delta; LOAD delta;\n${secretOf(url)}${duckDbViews(name, address, after)}`,
    ],
    [
      "Spark",
      `CREATE TABLE ${events} USING delta LOCATION ${spark};\n${latest(name, SPARK, after)}`,
    ],
    [
      "Databricks",
      `CREATE TABLE ${events} USING delta LOCATION ${sparkText(address)};\n${
        latest(name, SPARK, after)
      }`,
    ],
    [
      "Trino",
      `CALL delta.system.register_table(schema_name => 'default', table_name => '${events}', ` +
      `table_location => ${quoted});\n${latest(name, TRINO, after)}`,
    ],
    [
      "Athena",
      `CREATE EXTERNAL TABLE ${events} LOCATION ${
        sqlText(`${address}/`)
      } TBLPROPERTIES ('table_type' = 'DELTA');\n` +
      latest(name, TRINO, after),
    ],
    [
      "Snowflake, with a catalog integration for Delta files and an external volume of yours",
      `CREATE ICEBERG TABLE ${events} CATALOG = 'my_catalog' EXTERNAL_VOLUME = 'my_volume' ` +
      `BASE_LOCATION = 'path/below/the/volume';\n${latest(name, SNOWFLAKE, after)}`,
    ],
    ["ClickHouse", `SELECT count() FROM deltaLake(${quoted});`],
    ["Polars", `polars.scan_delta(${JSON.stringify(address)})`],
  ], renamedOnto);
}

/** DuckDB's own, which a test runs. */
export function duckDbViews(name: string, address: string, after?: string): string {
  return `CREATE VIEW ${name}_events AS SELECT * FROM delta_scan(${sqlText(address)});\n` +
    latest(name, DUCKDB, after);
}
