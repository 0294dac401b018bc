import type { Clock } from "../../support/clock.ts";
import type { Layouts } from "../ports.ts";

/** How old what is known of layouts may be before somebody who asks makes it be looked up again. */
const LOOK_MS = 30_000;

/**
 * Which targets are divided anew, found with one listing for everybody: hundreds of idle streams that each asked for the
 * layout after theirs would cost more than all else they do.
 *
 * It makes a stream look for its barrier, and tells the catalog where nothing needs to be read. No event depends on it:
 * who appends looks for itself, however fresh the news is.
 */
export class LayoutNews {
  readonly #layouts: Pick<Layouts, "newestEpochs">;
  readonly #clock: Clock;
  readonly #newest = new Map<string, number>();
  #lookedMs = -Infinity;

  constructor(layouts: Pick<Layouts, "newestEpochs">, clock: Clock) {
    this.#layouts = layouts;
    this.#clock = clock;
  }

  /** The newest epoch of a target as of the last look, intended or fixed; 0 where there is none. */
  newestEpoch(targetKey: string): number {
    return this.#newest.get(targetKey) ?? 0;
  }

  /** Looks now. What was there before the call is known after it. */
  async look(): Promise<void> {
    this.#lookedMs = this.#clock.monotonicMs();
    const found = await this.#layouts.newestEpochs();
    for (const [target, epoch] of found) {
      // A look that began earlier may end later.
      if (epoch > this.newestEpoch(target)) this.#newest.set(target, epoch);
    }
  }

  /** Looks, without being waited for, unless somebody has begun to lately. */
  lookIfDue(): void {
    if (this.#clock.monotonicMs() - this.#lookedMs < LOOK_MS) return;
    this.look().catch(() => {
      // The next append meets the same destination and says what is wrong with it; the next look is as far away as ever.
    });
  }
}
