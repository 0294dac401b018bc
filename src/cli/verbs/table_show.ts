import type { ShownTable, UnreadTable } from "../../app.ts";
import { tableVerb } from "../table_verb.ts";
import { tableStatements } from "../text/table_text.ts";

/** `tributary table show`. */
export const tableShow = tableVerb<ShownTable | UnreadTable>({
  name: "table show",
  summary: "Show what is in a table, and what to paste into which engine",
  work: ({ app, ...command }, config, only) => app.showTables(config, command, only),
  textOf: (table) =>
    "fault" in table ? `${table.url}: ${table.fault}\n` : headOf(table) + tableStatements(table),
  isWell: (table) => !("fault" in table),
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
