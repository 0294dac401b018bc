import type { ClusterTime } from "../model/cluster_time.ts";

/** What the instances that share the streams know of each other. */
export interface FleetView {
  readonly instances: readonly FleetInstance[];
  readonly streams: readonly FleetStream[];
}

export interface FleetInstance {
  /** The owner id of its leases. */
  readonly id: string;
  readonly name: string;
}

export interface FleetStream {
  readonly key: string;
  /** As people see it: `collection:shop.orders 2/4`. */
  readonly name: string;
  /** The id of the instance that has its lease; absent while nobody has. */
  readonly owner?: string;
  readonly generation?: number;
  readonly leaseMsLeft?: number;
  /** Up to where it is in the lake. */
  readonly position?: ClusterTime;
  /** Since the stream's genesis. */
  readonly events: number;
  readonly objects: number;
  readonly bytes: number;
  readonly deadLetters: number;
  readonly paused: boolean;
}

/** Where the fleet's view comes from, as Redis. Rejects where that does not answer. */
export interface FleetSource {
  view(signal: AbortSignal): Promise<FleetView>;
}
