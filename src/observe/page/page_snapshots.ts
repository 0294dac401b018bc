/** How far the documents that were there are read. Plain JavaScript. */
export const SNAPSHOTS_SCRIPT = `
const SNAPSHOT_STATES = {
  due: ["idle", "due"], running: ["good", "being read"], paused: ["warn", "paused"],
  cancelling: ["idle", "being closed"], cancelled: ["idle", "cancelled"], complete: ["good", "complete"],
};
const SNAPSHOTS_SHOWN = 20;

/** Those that are read come first, those that are over last; an instance that knows of none does not tell. */
function showSnapshots(status) {
  const rank = ({ state }) => ["running", "paused", "cancelling", "due"].indexOf(state);
  const all = (status.snapshots || []).toSorted((a, b) => (rank(a) >>> 0) - (rank(b) >>> 0));
  byId("snapshots").hidden = all.length === 0;
  const rest = all.slice(SNAPSHOTS_SHOWN);
  showList(byId("snapshot-list"), [
    ...all.slice(0, SNAPSHOTS_SHOWN).map(snapshotItem),
    ...(rest.length === 0 ? [] : [{ name: number(rest.length) + " more", note: "/status has all of them" }]),
  ]);
}
function snapshotItem(snapshot) {
  return {
    name: snapshot.name.replace(/^collection:/, ""),
    note: snapshotNote(snapshot),
    pill: SNAPSHOT_STATES[snapshot.state] || ["", snapshot.state],
  };
}
function snapshotNote({ state, share, documentsRead, documentsExpected, documentsPerSecond, bytesStored, secondsLeft, isFiltered }) {
  if (state === "due") return "waits for its stream, or for an instance to plan it";
  return [
    share === null || state === "complete" ? null : Math.floor(share * 100) + " %",
    number(documentsRead) + (isFiltered || state === "complete" ? "" : " of about " + number(documentsExpected)) + " documents" + (isFiltered ? " that fit a filter" : ""),
    bytes(bytesStored) + " stored",
    state !== "running" || documentsPerSecond === null ? null : perSecond(documentsPerSecond) + " a second",
    secondsLeft === null ? null : duration(secondsLeft) + " left",
  ].filter((part) => part !== null).join(", ");
}
`;
