import type { ShownTable, UnreadTable } from "../../app.ts";
import { tableVerb } from "../table_verb.ts";
import { catalogStatements } from "../text/tables/catalog_text.ts";
import { icebergStatements } from "../text/tables/iceberg_text.ts";
import { elsewhereText } from "../text/tables/elsewhere_text.ts";
import { kindOf } from "../text/tables/table_kind.ts";
import { tableStatements } from "../text/tables/delta_text.ts";
import { viewName } from "../text/tables/view_name.ts";

/** `tributary table show`. */
export const tableShow = tableVerb<ShownTable | UnreadTable>({
  name: "table show",
  summary: "Show what is in a table, and what to paste into which engine",
  work: ({ app, ...command }, config, only) => app.showTables(config, command, only),
  textOf: (table, _, all) =>
    "fault" in table ? `${table.url}${kindOf(table.format)}: ${table.fault}\n` : headOf(table) +
      statementsFor(
        table,
        viewName(table, all.filter((each): each is ShownTable => !("fault" in each))),
      ),
  isWell: (table) => !("fault" in table),
});

function statementsFor({ catalog, ...table }: ShownTable, name: string): string {
  if (catalog === undefined) return STATEMENTS[table.format]({ ...table, name });
  return catalogStatements({ ...table, name, catalog });
}

const STATEMENTS = { delta: tableStatements, iceberg: icebergStatements };

function headOf(
  { database, collection, format, url, version, files, rows, holes }: ShownTable,
): string {
  const { gaps, voidedObjects, deadLetters, redrivenLetters = 0, objectsElsewhere } = holes;
  const lost = [
    [gaps, "gaps"],
    [voidedObjects, "objects that can never be made"],
    // Rows may be there of letters that a table never heard of, for it got nothing else of their stream.
    [Math.max(0, deadLetters - redrivenLetters), "dead letters"],
  ].filter(([count]) => count !== 0).map(([count, what]) => `${count} ${what}`);
  const missing = lost.length === 0 ? "" : `Not in it: ${lost.join(", ")}; see tributary verify\n`;
  const elsewhere = elsewhereText({ database, collection }, objectsElsewhere);
  return `${database}.${collection}: version ${version}, ${files} objects, ${rows} rows\n${url}${
    kindOf(format)
  }\n${missing}${elsewhere}`;
}
