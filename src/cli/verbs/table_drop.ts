import { redact } from "../../support/redact.ts";
import { tableVerb } from "../table_verb.ts";

/** `tributary table drop`. */
export const tableDrop = tableVerb<string>({
  name: "table drop",
  summary: "Forget the log of a table; the objects stay where they are",
  options: [{ flags: "--force", description: "also where the log cannot be read" }],
  work: async ({ app, ...command }, config, only, { host, options }) => {
    const { dropped, faults } = await app.dropTables(config, command, only, options.has("force"));
    for (const fault of faults) host.stderr.write(`tributary: ${redact(fault)}\n`);
    return { reports: dropped, isWhole: faults.length === 0 };
  },
  textOf: (url) => `${url} is gone; all objects are there\n`,
});
