import type { StatusTable } from "../../../observe/status/status.ts";
import { formatSeconds } from "../../../support/units.ts";

/** What an instance says of the tables that it keeps: how many, how old the oldest is, and which were stopped. */
export function tablesLines(tables: readonly StatusTable[]): string[] {
  if (tables.length === 0) return [];
  const ages = tables.filter(({ fault }) => fault === null).map(({ lagSeconds }) => lagSeconds);
  const told = ages.filter((seconds) => seconds !== null);
  const whole = told.length === 0
    ? ""
    : `, with everything up to ${formatSeconds(Math.max(...told) * 1000)} ago`;
  const begun = told.length < ages.length
    ? `, ${ages.length - told.length} of them not whole yet`
    : "";
  // Of a collection that can have none there is a fault alone.
  const kept = tables.filter(({ version, fault }) => version !== null || fault === null).length;
  const count = kept === 1 ? "1 table is" : `${kept} tables are`;
  return [
    `${count} kept${whole}${begun}`,
    ...tables.flatMap(({ name, format, version, fault }) => {
      if (fault === null) return [];
      return version === null
        ? [`${name} has no ${format} table: ${fault}`]
        : [`The ${format} table of ${name} was stopped: ${fault}`];
    }),
  ];
}
