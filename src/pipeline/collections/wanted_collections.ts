import { selectionKey } from "../../model/coverage.ts";
import type { CollectionStream } from "../../model/layout.ts";
import type { Position } from "../../model/position.ts";
import type { NamespaceFilter } from "../../model/settings.ts";
import { streamKey } from "../../model/stream.ts";
import type { SelectionCoverage } from "./selection_coverage.ts";

/** The collections that settings ask for, each as a stream of its own. */
export interface CollectionChoice {
  readonly named: readonly CollectionStream[];
  /** Where there are patterns to be filled in: what is wanted, the named ones included. */
  readonly filter?: NamespaceFilter;
}

/** The collections that are watched each on its own, following the settings. Looks never overlap. */
export class WantedCollections {
  readonly #choice: () => CollectionChoice;
  readonly #cover: (filter: NamespaceFilter) => SelectionCoverage;
  #covered: SelectionCoverage | undefined;

  constructor(
    choice: () => CollectionChoice,
    cover: (filter: NamespaceFilter) => SelectionCoverage,
  ) {
    this.#choice = choice;
    this.#cover = cover;
  }

  /** The collections as of now: those named, whether they are there or not, and those found. */
  async look(signal: AbortSignal): Promise<CollectionStream[]> {
    const { named, filter } = this.#choice();
    const found = await this.#found(filter, signal);
    if (named.length === 0) return [...found];
    const streams = [...named, ...found].map((each) => [streamKey(each), each] as const);
    return [...new Map(streams).values()];
  }

  /** Where what patterns choose begins; undefined before the first look, and without patterns. */
  get start(): Position | undefined {
    return this.#covered?.start;
  }

  async close(): Promise<void> {
    await this.#covered?.close();
  }

  async #found(
    filter: NamespaceFilter | undefined,
    signal: AbortSignal,
  ): Promise<readonly CollectionStream[]> {
    const covered = this.#covered;
    const isSame = filter !== undefined && covered !== undefined &&
      selectionKey(filter) === selectionKey(covered.filter);
    if (!isSame) {
      this.#covered = undefined;
      await covered?.close();
      if (filter === undefined) return [];
      this.#covered = this.#cover(filter);
    }
    return await this.#covered!.look(signal);
  }
}
