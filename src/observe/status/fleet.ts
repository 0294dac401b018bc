import type { FleetView } from "../../coordinate/fleet_view.ts";
import type { OplogNews, StreamNews } from "../../coordinate/news.ts";

/** Where the view of all instances comes from, as Redis. Rejects where that does not answer. */
export interface FleetSource {
  view(signal: AbortSignal): Promise<FleetView>;
  /** Tells the others of this instance's streams, and how far the oplog reaches, for another `ttlMs`. */
  tell(streams: readonly StreamNews[], ttlMs: number, oplog?: OplogNews): Promise<void>;
}
