import type { CollectionName, Watch } from "../config/config.ts";
import { watchedCollections } from "../config/watched_streams.ts";
import type { ClusterTime } from "../model/cluster_time.ts";
import type { CollectionStream } from "../model/layout.ts";
import type { NamespaceFilter } from "../model/settings.ts";
import { type Position, positionAfterTime } from "../model/position.ts";
import { streamKey } from "../model/stream.ts";

export interface WantedCollectionsOptions {
  /** What is watched by the settings in force. */
  readonly watch: () => Watch;
  readonly list: (filter: NamespaceFilter) => Promise<readonly CollectionName[]>;
  /** The last operation the server knows. */
  readonly operationTime: () => Promise<ClusterTime>;
}

/** The collections that are watched each on its own, and where those begin that come to them while the program runs. */
export class WantedCollections {
  readonly #options: WantedCollectionsOptions;
  /** Keys of the collections that new settings brought; START_FROM says where these begin, as after a restart. */
  readonly #chosen = new Set<string>();
  #watch: Watch;
  #thisLook: ClusterTime | undefined;
  #lastLook: ClusterTime | undefined;

  constructor(options: WantedCollectionsOptions) {
    this.#options = options;
    this.#watch = options.watch();
  }

  /** The collections as of now. */
  async look(): Promise<CollectionStream[]> {
    const { list, operationTime } = this.#options;
    const watch = this.#options.watch();
    if (watch.level === "collection" && watch.listing) this.#thisLook = await operationTime();
    const wanted = await watchedCollections(watch, list);
    if (watch !== this.#watch) {
      // Listed after: what appears meanwhile and fits both lists has appeared, and no setting has brought it.
      const before = new Set((await watchedCollections(this.#watch, list)).map(streamKey));
      for (const key of wanted.map(streamKey)) if (!before.has(key)) this.#chosen.add(key);
      this.#watch = watch;
    }
    return wanted;
  }

  /** Notes that the last look has been made use of: what the next one finds beside it has appeared since. */
  looked(): void {
    this.#lastLook = this.#thisLook;
  }

  /**
   * The position from which nothing is missing of a collection that was not there at the look before; undefined where it
   * may have been there all the time.
   */
  startOf(collection: CollectionStream): Position | undefined {
    if (this.#lastLook === undefined || this.#chosen.has(streamKey(collection))) return undefined;
    return positionAfterTime(this.#lastLook);
  }
}
