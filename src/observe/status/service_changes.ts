import type { Clock } from "../../support/clock.ts";
import type { DependencyFacts, DependencyName, DependencyState } from "./dependency_watch.ts";

/** Of services that flap no more often than this. */
const NEWS_GAP_MS = 1000;

/** Tells what others should hear at once from what they may hear with the next news. */
export class ServiceChanges {
  readonly #clock: Clock;
  readonly #states = new Map<DependencyName, DependencyState>();
  #newsMs = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether a service has just gone away or come back. What was never heard of was well. */
  isNews(name: DependencyName, { state }: Pick<DependencyFacts, "state">): boolean {
    const before = this.#states.get(name) ?? "healthy";
    this.#states.set(name, state);
    const nowMs = this.#clock.monotonicMs();
    if (state === before || nowMs - this.#newsMs < NEWS_GAP_MS) return false;
    this.#newsMs = nowMs;
    return true;
  }
}
