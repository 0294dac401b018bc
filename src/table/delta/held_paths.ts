import { pathsThat } from "../compaction/oldest_files.ts";
import type { Action } from "./actions.ts";
import { readEntry } from "./entry.ts";
import type { DeltaStore } from "./files.ts";
import type { DeltaState } from "./state.ts";
import { filesAt } from "./upkeep.ts";

/** Which files a table has, by their paths as the log writes them, of those that are to be held; kept up with the log entry by entry. */
export class HeldPaths {
  readonly #store: DeltaStore;
  readonly #folder: string;
  readonly #isWanted: (path: string) => boolean;
  #paths: Set<string>;
  #version: number;

  constructor(
    store: DeltaStore,
    folder: string,
    paths: Iterable<string>,
    version: number,
    isWanted: (path: string) => boolean = () => true,
  ) {
    this.#store = store;
    this.#folder = folder;
    this.#isWanted = isWanted;
    this.#paths = pathsThat(isWanted, paths);
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
    this.#paths = pathsThat(this.#isWanted, there.keys());
    this.#version = state.version;
  }

  /** The next entry of the log. */
  apply(entry: readonly Action[]): void {
    for (const { add, remove } of entry) {
      if (add !== undefined && this.#isWanted(add.path)) this.#paths.add(add.path);
      if (remove !== undefined) this.#paths.delete(remove.path);
    }
    this.#version++;
  }
}
