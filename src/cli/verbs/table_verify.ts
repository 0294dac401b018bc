import type { TableVerdict } from "../../app.ts";
import { tableVerb } from "../table_verb.ts";
import { elsewhereText } from "../text/tables/elsewhere_text.ts";
import { kindOf } from "../text/tables/table_kind.ts";

/** `tributary table verify`. */
export const tableVerify = tableVerb<TableVerdict>({
  name: "table verify",
  summary: "Compare tables with the journals: each object that they name once, and no other",
  work: ({ app, ...command }, config, only) => app.verifyTables(config, command, only),
  textOf: ({ format = "", url, name, files, waiting, objectsElsewhere, faults }) =>
    (faults.length === 0
      ? `${url}${kindOf(format)}: ${files} objects, as the journals name them${
        waiting === 0 ? "" : `; ${waiting} more are not in it yet`
      }\n`
      : faults.map((fault) => `${url}${kindOf(format)}: ${fault}\n`).join("")) +
    (name === undefined ? "" : elsewhereText(name, objectsElsewhere)),
  isWell: ({ faults }) => faults.length === 0,
});
