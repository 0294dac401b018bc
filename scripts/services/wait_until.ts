import { type Clock, sleep } from "../../src/support/clock.ts";

const PAUSE_MS = 50;
const PAUSE_MS_MAX = 1_000;

/**
 * The first answer that is not undefined, or undefined when `limitMs` has passed. A look that throws counts as
 * undefined; looks do not overlap. After one that took long, as the start of a program, there is a longer pause: what is
 * waited for needs the processor as well.
 */
export async function waitUntil<T>(
  clock: Clock,
  limitMs: number,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T | undefined> {
  const deadlineMs = clock.monotonicMs() + limitMs;
  for (;;) {
    const startMs = clock.monotonicMs();
    const answer = await attempt(look);
    if (answer !== undefined) return answer;
    const endMs = clock.monotonicMs();
    if (endMs >= deadlineMs) return undefined;
    await sleep(clock, Math.min(Math.max(2 * (endMs - startMs), PAUSE_MS), PAUSE_MS_MAX));
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
