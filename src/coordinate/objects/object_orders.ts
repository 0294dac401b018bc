import type { Clock } from "../../support/clock.ts";
import type { Random } from "../../support/random.ts";
import { FLUSH_MS, type Orders } from "../orders.ts";
import type { Division } from "./division.ts";
import type { SharedDivision } from "./shared_division.ts";

/** Orders in the division. How old an order to flush is, each reader counts from when it first saw it. */
export function createObjectOrders(
  shared: SharedDivision,
  clock: Clock,
  random: Random,
  lookMs: number,
): Orders {
  const firstSeen = new Map<string, number>();
  const isOver = (id: string) => {
    const seenMs = firstSeen.get(id) ?? clock.monotonicMs();
    firstSeen.set(id, seenMs);
    return clock.monotonicMs() - seenMs >= FLUSH_MS;
  };
  /** The orders that somebody can carry out, and those that nobody did. */
  const due = (division: Division, keys: ReadonlySet<string>) =>
    [...division.flushes].map(([id, key]) => ({ id, key, isOver: isOver(id) }))
      .filter((order) => order.isOver || keys.has(order.key));
  const flush = (key: string) => {
    const id = random.hex(16);
    return shared.change((draft) => {
      draft.flushes.set(id, key);
      draft.changes++;
    });
  };
  return {
    paused: async () => new Set((await shared.read(lookMs)).division.paused),
    pause: (key) =>
      shared.change((draft) => {
        draft.paused.add(key);
        draft.changes++;
      }),
    resume: (key) =>
      shared.change((draft) => {
        if (draft.paused.delete(key)) draft.changes++;
      }),
    flush,
    note: flush,
    notes: async () => new Set((await shared.read(lookMs)).division.flushes.values()),
    async takeFlushes(streamKeys) {
      const keys = new Set(streamKeys);
      const { division } = await shared.read(lookMs);
      for (const id of firstSeen.keys()) if (!division.flushes.has(id)) firstSeen.delete(id);
      if (due(division, keys).length === 0) return [];
      // Where an answer was lost the order may have been taken by this very call: it is carried out, once more at worst.
      const taken = new Set<string>();
      await shared.change((draft) => {
        for (const { id, key, isOver } of due(draft, keys)) {
          draft.flushes.delete(id);
          if (!isOver) taken.add(key);
        }
      });
      return [...taken];
    },
  };
}
