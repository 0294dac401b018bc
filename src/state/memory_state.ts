import type { StateStore, StreamState } from "../pipeline/ports.ts";

/** States in this process's memory, gone with it: every start then finds its place in the journal alone. */
export function createMemoryState(): StateStore {
  const states = new Map<string, StreamState>();
  return {
    load: (streamKey) => Promise.resolve(states.get(streamKey)),
    save(streamKey, state) {
      const current = states.get(streamKey);
      if (current === undefined || state.seq >= current.seq) {
        states.set(streamKey, structuredClone(state));
      }
      return Promise.resolve();
    },
    list: () => Promise.resolve(new Map(states)),
  };
}
