import { type Clock, sleep } from "../../src/support/clock.ts";

const PAUSE_MS = 50;

/**
 * The first answer that is not undefined, or undefined when `limitMs` has passed. A look that throws counts as
 * undefined; looks do not overlap.
 */
export async function waitUntil<T>(
  clock: Clock,
  limitMs: number,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T | undefined> {
  const deadlineMs = clock.monotonicMs() + limitMs;
  for (;;) {
    const answer = await attempt(look);
    if (answer !== undefined) return answer;
    if (clock.monotonicMs() >= deadlineMs) return undefined;
    await sleep(clock, PAUSE_MS);
  }
}

async function attempt<T>(look: () => Promise<T | undefined> | T | undefined) {
  try {
    return await look();
  } catch {
    // The thing waited for is not there yet.
    return undefined;
  }
}
