import { assign, type Instance } from "./assign.ts";
import type { LeaseInfo } from "../lease/lease_store.ts";
import type { Member, MemberInfo } from "../members.ts";

/** What an instance sees when it looks around. */
export interface View {
  readonly members: readonly MemberInfo[];
  readonly leases: readonly LeaseInfo[];
}

/** What follows from it for this instance. */
export interface Plan {
  /** The streams it should run. */
  readonly own: ReadonlySet<string>;
  /** The streams that another instance should run. */
  readonly others: ReadonlySet<string>;
  /** Of its own: those whose lease nobody holds, or it itself. */
  readonly free: readonly string[];
  /** Of its own: how long the leases that somebody else still holds have left at most. */
  readonly waitMs: number;
  /** How long until the first lease or member of another instance expires, unless that comes back to it before. */
  readonly expiryMs: number;
}

/** A plan but for the times, which are others at each look. */
export interface TimelessPlan extends Omit<Plan, "waitMs" | "expiryMs"> {
  /** Of its own: leases that somebody else still holds. */
  readonly awaited: readonly LeaseInfo[];
  /** All leases of others. */
  readonly foreign: readonly LeaseInfo[];
}

/** What this instance should have, of what it sees and is. */
export function planFor(self: Member, view: View): Plan {
  return timed(planWithoutTimes(self, view), self, view);
}

/** As of now. */
export function timed(
  { own, others, free, awaited, foreign }: TimelessPlan,
  self: Member,
  { members }: View,
): Plan {
  let [waitMs, expiryMs] = [Infinity, Infinity];
  for (const { leftMs } of awaited) waitMs = Math.min(waitMs, leftMs);
  for (const { leftMs } of foreign) expiryMs = Math.min(expiryMs, leftMs);
  for (const { owner, leftMs } of members) {
    if (owner !== self.owner) expiryMs = Math.min(expiryMs, leftMs);
  }
  return { own, others, free, waitMs, expiryMs };
}

export function planWithoutTimes(self: Member, view: View): TimelessPlan {
  const others = view.members.filter((each) => each.owner !== self.owner);
  const instances: Instance[] = [self, ...others].filter((each) => !each.isLeaving);
  const streams = instances.flatMap((each) => each.streams);
  const leases = new Map(view.leases.map((lease) => [lease.stream, lease]));
  const owners = new Map(view.leases.map(({ stream, owner }) => [stream, owner]));
  const assigned = assign(streams, instances, owners);
  const own = new Set<string>();
  const elsewhere = new Set<string>();
  const free: string[] = [];
  const awaited: LeaseInfo[] = [];
  for (const [stream, owner] of assigned) {
    if (owner !== self.owner) {
      elsewhere.add(stream);
      continue;
    }
    own.add(stream);
    const lease = leases.get(stream);
    if (lease === undefined || lease.owner === self.owner) free.push(stream);
    else awaited.push(lease);
  }
  const foreign = view.leases.filter(({ owner }) => owner !== self.owner);
  return { own, others: elsewhere, free, awaited, foreign };
}
