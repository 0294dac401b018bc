import { FencedError } from "../model/errors.ts";
import type { HeldLease, Leases } from "./leases.ts";

export type { HeldLease, Leases } from "./leases.ts";

/**
 * Leases that hold for this process alone: nobody else is asked, nothing expires, and generations begin at 1 with the
 * process. Right for one instance; the journal keeps a second one from doing harm.
 *
 * @param owner the instance's owner id, `{hostname}-{uuid}`
 */
export function createMemoryLeases(owner: string): Leases {
  const generations = new Map<string, number>();
  const held = new Set<string>();
  return {
    acquire(streamKey) {
      if (held.has(streamKey)) return Promise.resolve(undefined);
      held.add(streamKey);
      const generation = (generations.get(streamKey) ?? 0) + 1;
      generations.set(streamKey, generation);
      return Promise.resolve(hold(streamKey, owner, generation, () => held.delete(streamKey)));
    },
  };
}

function hold(
  streamKey: string,
  owner: string,
  generation: number,
  giveBack: () => void,
): HeldLease {
  const controller = new AbortController();
  return {
    owner,
    generation,
    signal: controller.signal,
    recheck() {},
    isValid: () => !controller.signal.aborted,
    release() {
      if (!controller.signal.aborted) {
        controller.abort(new FencedError(`The lease of "${streamKey}" was released`));
        giveBack();
      }
      return Promise.resolve();
    },
  };
}
