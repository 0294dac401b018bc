import type { StreamView } from "../../coordinate/fleet_view.ts";
import type { EventCount } from "./rate_history.ts";
import type { StreamFacts } from "./stream_board.ts";

interface Counted extends EventCount {
  source: string;
  events: number;
  look: number;
}

/**
 * The events of all streams, counted every few seconds. What is read here is known as it happens; of others, what they told
 * that they read, or have stored.
 */
export class EventCounts {
  readonly #counts = new Map<string, Counted>();
  #look = 0;

  /** As of now, in the map that was given before; `self`: who counts `here`. */
  count(
    fleet: readonly StreamView[],
    here: readonly Pick<StreamFacts, "key" | "readEvents">[],
    self: string,
  ): ReadonlyMap<string, EventCount> {
    this.#look++;
    for (const { key, events, owner, news } of fleet) {
      if (news === undefined) this.#note(key, "stored", events);
      else this.#note(key, sourceOf(owner), news.readEvents);
    }
    const own = sourceOf(self);
    for (const { key, readEvents } of here) this.#note(key, own, readEvents);
    this.#counts.forEach(({ look }, key) => {
      if (look !== this.#look) this.#counts.delete(key);
    });
    return this.#counts;
  }

  #note(key: string, source: string, events: number): void {
    const counted = this.#counts.get(key);
    if (counted === undefined) {
      this.#counts.set(key, { source, events, look: this.#look });
      return;
    }
    counted.source = source;
    counted.events = events;
    counted.look = this.#look;
  }
}

function sourceOf(owner: string | undefined): string {
  return `read by ${owner}`;
}
