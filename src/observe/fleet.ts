import type { FleetView } from "../coordinate/fleet_view.ts";

/** Where the view of all instances comes from, as Redis. Rejects where that does not answer. */
export interface FleetSource {
  view(signal: AbortSignal): Promise<FleetView>;
}
