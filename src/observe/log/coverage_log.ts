import { logPlace } from "./log_place.ts";
import type { CoverageEvent } from "../../pipeline/collections/selection_coverage.ts";
import type { Log } from "../../support/log.ts";

/** Says what happens to the finding of collections; that it fails for now is `RepeatedWarning`'s. */
export function logCoverageEvent(
  log: Log,
  event: Exclude<CoverageEvent, { readonly type: "watch-failed" }>,
): void {
  switch (event.type) {
    case "unseen":
      return log.warn("Collections are found by listing alone: one that comes and goes is missed", {
        change: "grant the MongoDB user the role read on the database, or readAnyDatabase where " +
          "patterns stand for databases",
      });
    case "lost": {
      const from = logPlace(event.from);
      if (event.to === undefined) {
        return log.error("Collections that came and went are not found: the oplog is too short", {
          from,
          reason: event.reason,
          change: "set ON_HISTORY_LOST=restart to go on (the gap is recorded)",
        });
      }
      return log.error("History was lost: collections that came and went meanwhile are missing", {
        from,
        to: logPlace(event.to),
        reason: event.reason,
      });
    }
  }
}
