import { rememberLast } from "../../support/remember_last.ts";
import type { Member } from "../members.ts";
import { type Plan, planWithoutTimes, timed, type TimelessPlan, type View } from "./plan.ts";

/**
 * Plans anew only where a look shows something else: while nothing happens each shows the same, every few seconds, of what may
 * be thousands of streams.
 */
export class Planner {
  #last: { readonly self: Member; readonly view: View; readonly plan: TimelessPlan } | undefined;

  readonly #leases = rememberLast((list: View["leases"]): ByStream =>
    new Map(list.map((lease) => [lease.stream, lease]))
  );

  /** The leases of a view by stream. */
  leasesOf({ leases }: View): ByStream {
    return this.#leases(leases);
  }

  /** As `planFor`. The same list of leases is that of before, but for the times in it. */
  planFor(self: Member, view: View): Plan {
    const last = this.#last;
    const isSame = last !== undefined && last.view.leases === view.leases &&
      isSameToOthers(last.self, self) && areSame(last.view.members, view.members, self.owner);
    const plan = isSame ? last.plan : planWithoutTimes(self, view);
    this.#last = { self, view, plan };
    return timed(plan, self, view);
  }
}

type ByStream = ReadonlyMap<string, View["leases"][number]>;

/** Whether those are there who were; what the store remembers of oneself does not count. */
function areSame(before: readonly Member[], now: readonly Member[], self: string): boolean {
  return before.length === now.length && now.every((member, i) => {
    const other = before[i]!;
    return member.owner === self ? other.owner === self : isSameToOthers(other, member);
  });
}

function isSameToOthers(a: Member, b: Member): boolean {
  return a.owner === b.owner && a.streams === b.streams && a.failed === b.failed &&
    a.isLeaving === b.isLeaving;
}
