import { type Clock, withTimeout } from "./clock.ts";

/** What a check found out about one thing outside of the program. */
export interface Finding {
  /** The thing: `Oplog`, `Destination`. */
  readonly subject: string;
  readonly state: "ok" | "warning" | "failed";
  /** One sentence without a full stop; where something is to be done, it says what. */
  readonly text: string;
}

/**
 * The findings of a look at one thing outside; an error, or no answer within `limitMs`, is a finding as well. Never
 * rejects.
 */
export async function findingsOf(
  subject: string,
  clock: Clock,
  limitMs: number,
  look: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  const late = () => new Error(`no answer within ${Math.round(limitMs / 1000)} s`);
  try {
    return await withTimeout(clock, limitMs, look(), late);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return [{ subject, state: "failed", text }];
  }
}
