import type { StateStore } from "../pipeline/ports.ts";
import { type Clock, sleep } from "../support/clock.ts";
import type { Random } from "../support/random.ts";
import type { Fleet } from "./fleet.ts";
import { type FleetView, viewFleet } from "./fleet_view.ts";
import type { LeaseInfo } from "./lease/lease_store.ts";
import type { HeldLease } from "./lease/leases.ts";
import type { Orders } from "./orders.ts";
import { createTimedLeases } from "./lease/timed_leases.ts";

/** What a person's command, which runs no stream, can see and do of what the instances share. */
export interface Meeting {
  view(): Promise<FleetView>;
  leases(): Promise<readonly LeaseInfo[]>;
  /** What streams are told to do. */
  readonly orders: Orders;
  /** Ends a lease whoever holds it; says whether somebody did. */
  release(key: string): Promise<boolean>;
  /**
   * Takes the lease with this key, which need not be a stream's, and keeps it refreshed. Undefined where somebody else
   * holds it, or `signal` was aborted while waiting for it.
   */
  hold(key: string, options: HoldOptions): Promise<HeldLease | undefined>;
}

export interface HoldOptions {
  readonly ttlMs: number;
  /** Whether to ask until it is free. */
  readonly isPatient: boolean;
}

export interface MeetingParts {
  readonly fleet: Fleet;
  readonly state: StateStore;
  /** Who holds what `hold` takes, `{hostname}-{uuid}`. */
  readonly owner: string;
  readonly instance: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Ends waiting. */
  readonly signal: AbortSignal;
}

export function createMeeting(parts: MeetingParts): Meeting {
  const { fleet, state, clock, signal, ...who } = parts;
  return {
    async view() {
      const [members, leases, states, paused] = await Promise.all([
        fleet.members.list(),
        fleet.leases.list(),
        state.list(),
        fleet.orders.paused(),
      ]);
      const news = await fleet.news.read(members.map(({ owner }) => owner));
      return viewFleet({ members, leases, states, news, paused });
    },
    leases: () => fleet.leases.list(),
    orders: fleet.orders,
    release: (key) => fleet.leases.releaseAny(key),
    async hold(key, { ttlMs, isPatient }) {
      const timing = { ttlMs, refreshMs: ttlMs / 3, observe: () => {} };
      const leases = createTimedLeases({ ...who, ...timing, clock, store: fleet.leases });
      while (!signal.aborted) {
        const lease = await leases.acquire(key);
        if (lease !== undefined || !isPatient) return lease;
        await sleep(clock, fleet.poll.leaseMs, signal).catch(() => {}); // The loop looks.
      }
      return undefined;
    },
  };
}
