import type { ShownTable } from "../../app.ts";
import { tableVerb } from "../table_verb.ts";
import { tableStatements } from "../text/table_text.ts";

/** `tributary table show`. */
export const tableShow = tableVerb<ShownTable>({
  name: "table show",
  summary: "Show what is in a table, and what to paste into which engine",
  work: ({ app, ...command }, config, only) => app.showTables(config, command, only),
  textOf: (table) => headOf(table) + tableStatements(table),
});

function headOf({ database, collection, url, version, files, rows, holes }: ShownTable): string {
  const { gaps, voidedObjects, deadLetters } = holes;
  const lost = [
    [gaps, "gaps"],
    [voidedObjects, "objects that can never be made"],
    [deadLetters, "dead letters"],
  ].filter(([count]) => count !== 0).map(([count, what]) => `${count} ${what}`);
  const missing = lost.length === 0 ? "" : `Not in it: ${lost.join(", ")}; see tributary verify\n`;
  return `${database}.${collection}: version ${version}, ${files} objects, ${rows} rows\n${url}\n${missing}`;
}
