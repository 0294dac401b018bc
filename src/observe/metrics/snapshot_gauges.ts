import type { KnownSnapshot } from "../../pipeline/snapshot/snapshot_catalog.ts";
import type { Instruments } from "./instruments.ts";

const STATES = ["due", "running", "paused", "cancelling"] as const;

/** Of all that are not at their end together: there may be one for each of thousands of collections. */
export function measureSnapshots(
  gauges: Pick<
    Instruments["gauges"],
    "snapshots" | "snapshot_documents_read" | "snapshot_documents_expected"
  >,
  snapshots: readonly KnownSnapshot[],
): void {
  const open = snapshots.filter(({ state }) => state !== "complete" && state !== "cancelled");
  const stateOf = ({ state, isPaused }: KnownSnapshot) =>
    isPaused && state !== "cancelling" ? "paused" : state;
  for (const state of STATES) {
    gauges.snapshots.set({ state }, open.filter((each) => stateOf(each) === state).length);
  }
  gauges.snapshot_documents_read.set(open.reduce((sum, each) => sum + each.documentsRead, 0));
  gauges.snapshot_documents_expected.set(
    open.reduce((sum, each) => sum + (each.documentsExpected ?? 0), 0),
  );
}
