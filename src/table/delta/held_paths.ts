import type { Action } from "./actions.ts";
import { readEntry } from "./entry.ts";
import type { DeltaStore } from "./files.ts";
import type { DeltaState } from "./state.ts";
import { filesAt } from "./upkeep.ts";

/** Which files a table has, by their paths as the log writes them; kept up with the log entry by entry. */
export class HeldPaths {
  readonly #store: DeltaStore;
  readonly #folder: string;
  #paths: Set<string>;
  #version: number;

  constructor(store: DeltaStore, folder: string, paths: Iterable<string>, version: number) {
    this.#store = store;
    this.#folder = folder;
    this.#paths = new Set(paths);
    this.#version = version;
  }

  has(path: string): boolean {
    return this.#paths.has(path);
  }

  /** Brings it to a later state of the same table. */
  async bringTo(state: DeltaState): Promise<void> {
    while (this.#version < state.version) {
      const entry = await readEntry(this.#store, this.#folder, this.#version + 1);
      if (entry === undefined) break;
      this.apply(entry);
    }
    // It was cleaned away meanwhile, or the log is shorter than it was.
    if (this.#version === state.version) return;
    const { there } = await filesAt(this.#store, this.#folder, state);
    this.#paths = new Set(there.keys());
    this.#version = state.version;
  }

  /** The next entry of the log. */
  apply(entry: readonly Action[]): void {
    for (const { add, remove } of entry) {
      if (add !== undefined) this.#paths.add(add.path);
      if (remove !== undefined) this.#paths.delete(remove.path);
    }
    this.#version++;
  }
}
