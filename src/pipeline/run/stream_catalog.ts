import type { CollectionStream } from "../../model/layout.ts";
import type { Position } from "../../model/position.ts";
import { type Stream, streamKey, targetKey } from "../../model/stream.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import type { LayoutNews } from "../layout/layout_watch.ts";
import type { IsNew } from "../layout/target_start.ts";
import { fixFirstLayout, streamsToRun } from "../layout/layout_streams.ts";
import type { Journal, Layouts } from "../ports.ts";

/** Collections looked at side by side. */
const LOOKS_IN_FLIGHT_MAX = 16;

export interface StreamCatalogOptions {
  readonly journal: Journal;
  readonly layouts: Layouts;
  readonly layoutNews: LayoutNews;
  /** Streams of databases and deployments, which are never divided. */
  readonly whole: readonly Stream[];
  /** The collections that are wanted now. */
  readonly collections: () => Promise<readonly CollectionStream[]>;
  /** Into how many streams a collection is divided that was never streamed. */
  readonly partitions: number;
  /** The start position of a collection that was never streamed. */
  readonly resolveStart: (collection: CollectionStream) => Promise<Position>;
  /** Awaited before that start is fixed, with the retired targets that it follows. */
  readonly isNew?: (collection: CollectionStream, ...facts: Parameters<IsNew>) => Promise<void>;
  /** Told where the layout in force has another number of partitions than the settings; 0: it was retired. */
  readonly differs: (collection: CollectionStream, of: number) => void;
}

/** The streams that are to run at this moment: collections appear, and layouts replace each other. */
export class StreamCatalog {
  readonly #options: StreamCatalogOptions;
  readonly #told = new Set<string>();
  #looking: Promise<void> = Promise.resolve();
  #streams: ReadonlyMap<string, Stream> = new Map();

  constructor(options: StreamCatalogOptions) {
    this.#options = options;
  }

  /** By key, as of the last `refresh`: the same map while they are the same. */
  get streams(): ReadonlyMap<string, Stream> {
    return this.#streams;
  }

  /** Looks again, after the looks that were asked for before. Where it throws, what was known stays. */
  refresh(): Promise<void> {
    const look = this.#looking.then(() => this.#look());
    this.#looking = look.catch(() => {}); // Whoever asked for it is told.
    return look;
  }

  async #look(): Promise<void> {
    const { whole, collections, layoutNews } = this.#options;
    const wanted = await collections();
    if (wanted.length > 0) await layoutNews.look();
    const lists = await mapLimited(wanted, LOOKS_IN_FLIGHT_MAX, (each) => this.#streamsOf(each));
    const streams = [...whole, ...lists.flat()];
    const now = new Map(streams.map((stream) => [streamKey(stream), stream]));
    if (!haveSameKeys(this.#streams, now)) this.#streams = now;
  }

  async #streamsOf(collection: CollectionStream): Promise<CollectionStream[]> {
    const { journal, layouts, layoutNews, partitions, resolveStart, isNew, differs } =
      this.#options;
    // Nothing is to be divided, and nothing was when this look began: nothing needs to be read.
    if (partitions === 1 && layoutNews.newestEpoch(targetKey(collection)) === 0) {
      return [collection];
    }
    const start = () => resolveStart(collection);
    const announce: IsNew = async (...facts) => await isNew?.(collection, ...facts);
    const layout = await fixFirstLayout(journal, layouts, collection, partitions, start, announce);
    const of = layout?.of ?? 1;
    const told = `${streamKey(collection)} ${of}`;
    if (of !== partitions && !this.#told.has(told)) {
      this.#told.add(told);
      differs(collection, of);
    }
    return layout === undefined ? [collection] : await streamsToRun(journal, layouts, collection);
  }
}

function haveSameKeys(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): boolean {
  if (a.size !== b.size) return false;
  for (const key of b.keys()) if (!a.has(key)) return false;
  return true;
}
