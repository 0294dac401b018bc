import type { FleetView } from "../../coordinate/fleet_view.ts";
import type { InstanceNews } from "../../coordinate/news.ts";

/** Where the view of all instances comes from, as Redis. Rejects where that does not answer. */
export interface FleetSource {
  /** How often to ask and to tell, in milliseconds; default: with each sample. */
  readonly everyMs?: number;
  view(signal: AbortSignal): Promise<FleetView>;
  /** Tells the others of this instance, for another `ttlMs`. */
  tell(news: Omit<InstanceNews, "owner">, ttlMs: number): Promise<void>;
}
