import type { TableInCatalog } from "../../../app.ts";
import { sqlText } from "../latest_state_sql.ts";
import { DUCKDB, latest, SPARK, statementsText, type TableToQuery, TRINO } from "./engine_words.ts";

/** What to paste into each engine for a table that a catalog knows: how it reaches the catalog, and how that names the table. */
export function catalogStatements(
  { name, catalog, renamedOnto }: Omit<TableToQuery, "url"> & {
    readonly catalog: TableInCatalog;
  },
): string {
  const after = renamedOnto?.token;
  const { url, warehouse = "", namespace, table } = catalog;
  const events = `${name}_events`;
  const quoted = `"${namespace}"."${table}"`;
  const inSpark = [...namespace.split("."), table].map((part) => `\`${part}\``).join(".");
  const view = (id: string, what: string) =>
    `CREATE VIEW ${events} AS SELECT * FROM ${what};\n${latest(name, id, after)}`;
  return statementsText([
    [
      "DuckDB, with a secret of TYPE iceberg or s3 for whoever the catalog and the bucket ask for",
      `INSTALL iceberg; LOAD iceberg;\n` +
      `ATTACH ${sqlText(warehouse)} AS lake (TYPE iceberg, ENDPOINT ${sqlText(url)}${
        catalog.isOpen ? ", AUTHORIZATION_TYPE 'none'" : ""
      });\n` +
      view(DUCKDB, `lake.${quoted}`),
    ],
    [
      "Spark, with the catalog as lake: spark.sql.catalog.lake=org.apache.iceberg.spark.SparkCatalog, " +
      `spark.sql.catalog.lake.type=rest, spark.sql.catalog.lake.uri=${url}` +
      (warehouse === "" ? "" : `, spark.sql.catalog.lake.warehouse=${warehouse}`),
      view(SPARK, `lake.${inSpark}`)
        .replaceAll("CREATE VIEW", "CREATE TEMPORARY VIEW"),
    ],
    [
      "Trino, with these properties of a catalog lake:\n-- connector.name=iceberg\n-- iceberg.catalog.type=rest\n" +
      `-- iceberg.rest-catalog.uri=${url}` +
      (warehouse === "" ? "" : `\n-- iceberg.rest-catalog.warehouse=${warehouse}`),
      view(TRINO, `lake.${quoted}`),
    ],
    [
      "Snowflake, with a catalog integration for Iceberg REST and an external volume of yours",
      `CREATE ICEBERG TABLE ${events} CATALOG = 'my_catalog' EXTERNAL_VOLUME = 'my_volume' ` +
      `CATALOG_NAMESPACE = '${namespace}' CATALOG_TABLE_NAME = '${table}';`,
    ],
    [
      "Python",
      `from pyiceberg.catalog import load_catalog\n` +
      `load_catalog("lake", type="rest", uri=${JSON.stringify(url)}${
        warehouse === "" ? "" : `, warehouse=${JSON.stringify(warehouse)}`
      }).load_table("${namespace}.${table}").scan().to_arrow()`,
    ],
  ], renamedOnto);
}
