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

/** What this instance should have, of what it sees and is. */
export function planFor(self: Member, view: View): Plan {
  const others = view.members.filter((each) => each.owner !== self.owner);
  const instances: Instance[] = [self, ...others].filter((each) => !each.isLeaving);
  const streams = instances.flatMap((each) => each.streams);
  const leases = new Map(view.leases.map((lease) => [lease.stream, lease]));
  const owners = new Map(view.leases.map(({ stream, owner }) => [stream, owner]));
  const assigned = assign(streams, instances, owners);
  const own = new Set<string>();
  const elsewhere = new Set<string>();
  const free: string[] = [];
  let waitMs = Infinity;
  for (const [stream, owner] of assigned) {
    if (owner !== self.owner) {
      elsewhere.add(stream);
      continue;
    }
    own.add(stream);
    const lease = leases.get(stream);
    if (lease === undefined || lease.owner === self.owner) free.push(stream);
    else waitMs = Math.min(waitMs, lease.leftMs);
  }
  const foreign = view.leases.filter(({ owner }) => owner !== self.owner);
  const expiryMs = Math.min(...[...others, ...foreign].map(({ leftMs }) => leftMs));
  return { own, others: elsewhere, free, waitMs, expiryMs };
}
