import type { FleetView } from "../../coordinate/fleet_view.ts";
import type { EventCount } from "./rate_history.ts";
import type { StreamFacts } from "./stream_board.ts";

/**
 * How many events each stream has, by its key: what is read here (by `owner`) as it happens; of others, what they told
 * that they read, or have stored.
 */
export function eventCounts(
  owner: string,
  streams: Iterable<Pick<StreamFacts, "key" | "readEvents">>,
  view: Pick<FleetView, "streams"> | undefined,
): Map<string, EventCount> {
  const counts = new Map<string, EventCount>();
  for (const { key, events, owner, news } of view?.streams ?? []) {
    const count = news === undefined
      ? { source: "stored", events }
      : { source: `read by ${owner}`, events: news.readEvents };
    counts.set(key, count);
  }
  const source = `read by ${owner}`;
  for (const { key, readEvents } of streams) counts.set(key, { source, events: readEvents });
  return counts;
}
