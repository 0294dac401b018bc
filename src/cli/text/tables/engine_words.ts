import { sqlText } from "../latest_state_sql.ts";

/** What a table is to the text about it. */
export interface TableToQuery {
  /** What its views are called, as `viewName` gives it. */
  readonly name: string;
  readonly url: string;
  /** The last time that another collection was renamed onto this one, and whether its documents are read. */
  readonly renamedOnto?: { readonly at: string; readonly token: string; readonly isRead: boolean };
}

/** How the engines that read a table by its place name it and that place. */
export function wordsOf({ name, url }: Pick<TableToQuery, "name" | "url">) {
  const address = addressOf(url);
  return {
    ...{ address, events: `${name}_events`, quoted: sqlText(address) },
    spark: sparkText(address.replace(/^s3:/, "s3a:")),
  };
}

/** The statements for one engine after the other, below what their views do not know. */
export function statementsText(
  sections: readonly (readonly [engine: string, statements: string])[],
  renamedOnto: TableToQuery["renamedOnto"],
): string {
  return renameNote(renamedOnto) +
    sections.map(([engine, text]) => `\n-- ${engine}\n${text}\n`).join("");
}

/** What the views know of renames onto their collection: the row of such a one lies with the old name, so in another table. */
function renameNote(renamedOnto: TableToQuery["renamedOnto"]): string {
  if (renamedOnto === undefined) {
    return "\n-- The views do not see that another collection was renamed onto this one: what was in it before stays in them.\n" +
      "-- Where that happens, take what `tributary status --sql` prints; with SNAPSHOT=initial `table show` knows of it.\n";
  }
  const { at, isRead } = renamedOnto;
  return isRead
    ? `\n-- Another collection was renamed onto this one at ${at}; the views have what is in it since.\n` +
      "-- After the next such rename, make them anew.\n"
    : `\n-- Incomplete since ${at}: another collection was renamed onto this one, and what was in that one is not all read yet.\n`;
}

/** DuckDB has no keys of its own. */
export function secretOf(url: string): string {
  return url.startsWith("s3:") ? "CREATE SECRET (TYPE s3, PROVIDER credential_chain);\n" : "";
}

/** How engines tell documents apart by the `_id` in a text of JSON: a text `1` is another one than the number. */
export const DUCKDB = "document_key::JSON -> '$._id'";
export const SPARK = `get_json_object(document_key, '$._id'), document_key LIKE '%"_id":"%'`;
export const TRINO = "json_format(json_extract(document_key, '$._id'))";
export const SNOWFLAKE = "to_json(parse_json(document_key):_id)";

/**
 * The one rule of the latest state: the row with the greatest token, unless it is a delete or the collection ended later.
 * `after`: what has no greater token than this was in the collection before another one was renamed onto it.
 */
export function latest(name: string, id: string, after: string = ""): string {
  return `CREATE VIEW ${name}_now AS
WITH ended AS (
  SELECT coalesce(max(resume_token), '') AS token FROM ${name}_events
  WHERE operation IN ('drop', 'rename')
), ranked AS (
  SELECT *, row_number() OVER (PARTITION BY ${id} ORDER BY resume_token DESC) AS newest
  FROM ${name}_events WHERE operation IN ('snapshot', 'insert', 'update', 'replace', 'delete')
)
SELECT document_key, full_document, cluster_time FROM ranked CROSS JOIN ended
WHERE newest = 1 AND operation <> 'delete' AND resume_token > token${
    after === "" ? "" : ` AND resume_token > '${after}'`
  };`;
}

/** How engines name the place of a table. */
function addressOf(url: string): string {
  return url.replace(/\/$/, "").replace(/^file:\/\//, "");
}

/** A text in Spark, which takes `''` for the end of one and the beginning of the next. */
export function sparkText(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
