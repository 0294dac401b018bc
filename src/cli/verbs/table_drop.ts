import { tableVerb } from "../table_verb.ts";

/** `tributary table drop`. */
export const tableDrop = tableVerb<string>({
  name: "table drop",
  summary: "Forget the log of a table; the objects stay where they are",
  options: [{ flags: "--force", description: "also where the log cannot be read" }],
  work: ({ app, ...command }, config, only, { options }) =>
    app.dropTables(config, command, only, options.has("force")),
  textOf: (url) => `${url} is gone; all objects are there\n`,
});
