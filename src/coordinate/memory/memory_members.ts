import type { Clock } from "../../support/clock.ts";
import type { ChangeCounter } from "./change_counter.ts";
import type { Member, Members } from "../members.ts";

/** The instances in one process. */
export function createMemoryMembers(clock: Clock, changes: ChangeCounter): Members {
  const entries = new Map<string, { member: Member; endMs: number }>();
  const isThere = (endMs: number) => endMs > clock.monotonicMs();
  return {
    announce(member, ttlMs) {
      const before = entries.get(member.owner);
      const isNews = before === undefined || !isThere(before.endMs) ||
        JSON.stringify(before.member) !== JSON.stringify(member);
      entries.set(member.owner, { member, endMs: clock.monotonicMs() + ttlMs });
      if (isNews) changes.increment();
      return Promise.resolve();
    },
    leave(owner) {
      if (entries.delete(owner)) changes.increment();
      return Promise.resolve();
    },
    list() {
      const there = [...entries.values()].filter(({ endMs }) => isThere(endMs));
      const nowMs = clock.monotonicMs();
      const members = there.map(({ member, endMs }) => ({ ...member, leftMs: endMs - nowMs }));
      return Promise.resolve(members.sort((a, b) => a.owner < b.owner ? -1 : 1));
    },
  };
}
