import type { CompactionReport } from "../../app.ts";
import { redact } from "../../support/redact.ts";
import { tableVerb } from "../table_verb.ts";

/** `tributary table compact`. */
export const tableCompact = tableVerb<CompactionReport>({
  name: "table compact",
  summary: "Join small objects of hours that are over; the tables name one in their place",
  settings: ["TABLE_RETENTION"],
  work: ({ app, ...command }, config, only) => app.compactTables(config, command, only),
  textOf: ({ url, inputs, outputs, bytes, deleted, faults }) =>
    `${url}: ${inputs} objects became ${outputs}, of ${bytes} bytes\n` +
    (deleted === 0 ? "" : `${url}: ${deleted} objects that were joined before are deleted\n`) +
    faults.map((fault) => `${url}: ${redact(fault)}\n`).join(""),
  isWell: ({ faults }) => faults.length === 0,
});
