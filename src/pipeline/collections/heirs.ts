import { isNamespaceWanted } from "../../model/namespace_filter.ts";
import type { NamespaceFilter } from "../../model/settings.ts";
import { isWider, type Stream, targetKey, wholeTarget } from "../../model/stream.ts";
import { isRetired } from "../layout/is_retired.ts";
import { findOverlappingJournals } from "../layout/journal_ends.ts";
import { streamsToRun } from "../layout/layout_streams.ts";
import { streamsOfRetired } from "../layout/retired.ts";
import type { Journal, Layouts } from "../ports.ts";
import { isOurs } from "./is_ours.ts";
import type { CollectionChoice } from "./wanted_collections.ts";

export interface HeirsOptions {
  readonly journal: Journal;
  readonly layouts: Layouts;
  /** Those of this pipeline, as of now. */
  readonly streams: () => Iterable<Stream>;
  readonly collections: () => CollectionChoice;
  /** What streams of databases and the deployment want. */
  readonly namespaces: () => NamespaceFilter;
}

/** Which streams here bring the events of a target: its own, or, once it was retired, a wider one that follows it. */
export class Heirs {
  readonly #options: HeirsOptions;
  /** By target. What was retired stays it. */
  readonly #retired = new Map<string, readonly Stream[]>();

  constructor(options: HeirsOptions) {
    this.#options = options;
  }

  /** Whether this pipeline brings the events of a target, or what came after them. */
  async isOurs(target: Stream): Promise<boolean> {
    const { streams, collections } = this.#options;
    if (isOurs(target, streams(), collections())) return true;
    return this.#heirsOf(target).length > 0 && await this.#retiredStreams(target) !== undefined;
  }

  /** Whether this pipeline brings a part of what a target brought that was retired. */
  async hasPartOf(target: Stream): Promise<boolean> {
    const hasPart = [...this.#options.streams()].some((each) => isWider(target, each));
    return hasPart && await this.#retiredStreams(target) !== undefined;
  }

  /** All of which have the events of a target, one after the other; none where it ends and has not begun. */
  async streamsOf(target: Stream): Promise<readonly Stream[]> {
    const { journal, layouts } = this.#options;
    const retired = await this.#retiredStreams(target);
    if (retired !== undefined) return [...retired, ...this.#heirsOf(target)];
    return target.level === "collection" ? await streamsToRun(journal, layouts, target) : [target];
  }

  /** The retired targets inside of a wider one. */
  async followedBy(target: Stream): Promise<readonly Stream[]> {
    if (target.level === "collection") return [];
    const found = await findOverlappingJournals(this.#options.journal, target);
    return found.filter(({ stream, last }) => isWider(target, stream) && isRetired(last))
      .map(({ stream }) => wholeTarget(stream));
  }

  #heirsOf(target: Stream): readonly Stream[] {
    const { streams, namespaces } = this.#options;
    const isWanted = target.level !== "collection" ||
      isNamespaceWanted(namespaces(), `${target.database}.${target.collection}`);
    return isWanted ? [...streams()].filter((each) => isWider(each, target)) : [];
  }

  async #retiredStreams(target: Stream): Promise<readonly Stream[] | undefined> {
    const { journal, layouts } = this.#options;
    const key = targetKey(target);
    const known = this.#retired.get(key) ?? await streamsOfRetired(journal, layouts, target);
    if (known !== undefined) this.#retired.set(key, known);
    return known;
  }
}
