/** The tables that this instance keeps. Plain JavaScript. */
export const TABLES_SCRIPT = `
const TABLES_SHOWN = 20;

/** Those that get nothing more come first; an instance that keeps none does not tell. */
function showTables(status) {
  const all = (status.tables || []).toSorted((a, b) => (a.fault === null) - (b.fault === null));
  byId("tables").hidden = all.length === 0;
  const rest = all.slice(TABLES_SHOWN);
  showList(byId("table-list"), [
    ...all.slice(0, TABLES_SHOWN).map(tableItem),
    ...(rest.length === 0 ? [] : [{ name: number(rest.length) + " more", note: "/status has all of them" }]),
  ]);
}
function tableItem({ name, format, version, lagSeconds, fault }) {
  const had = lagSeconds === null ? "not whole yet" : "has everything up to " + (lagSeconds < 1 ? "now" : duration(lagSeconds) + " ago");
  return {
    name,
    note: [format, version === null ? null : "version " + number(version), had].filter((part) => part !== null).join(", "),
    pill: fault !== null ? ["bad", "stopped"] : lagSeconds === null ? ["idle", "being made"] : ["good", "follows"],
    why: fault,
  };
}
`;
