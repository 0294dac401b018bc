import type { TableVerdict } from "../../app.ts";
import { tableVerb } from "../table_verb.ts";
import { kindOf } from "../text/tables/table_kind.ts";

/** `tributary table verify`. */
export const tableVerify = tableVerb<TableVerdict>({
  name: "table verify",
  summary: "Compare tables with the journals: each object that they name once, and no other",
  work: ({ app, ...command }, config, only) => app.verifyTables(config, command, only),
  textOf: ({ format = "", url, files, waiting, faults }) =>
    faults.length === 0
      ? `${url}${kindOf(format)}: ${files} objects, as the journals name them${
        waiting === 0 ? "" : `; ${waiting} more are not in it yet`
      }\n`
      : faults.map((fault) => `${url}${kindOf(format)}: ${fault}\n`).join(""),
  isWell: ({ faults }) => faults.length === 0,
});
