import { systemClock } from "../../src/support/clock.ts";

/** Lets the event loop go round until the condition holds; the test's own time limit ends a wait in vain. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((resolve) => systemClock.after(2, resolve));
}
