import type { TableFormat } from "../../model/table_format.ts";
import { LakeFollower } from "../../table/follow/lake_follower.ts";
import { hintKey, readHint } from "../../table/follow/table_hint.ts";
import type { TableLog, TableName } from "../../table/table_log.ts";
import type { Places } from "../adapters.ts";
import { followedLake } from "./followed_lake.ts";

const FORMATS: readonly TableFormat[] = ["iceberg", "delta"];

/** In a folder's name it stands before the hash of a name that is too long for it. */
const SHORTENED = "~";

/** Keeps nothing of the objects of a table, of which there may be millions: only the names of tables are asked for. */
const NO_LOG: TableLog = {
  look: () => Promise.resolve(undefined),
  commit: () =>
    Promise.resolve({ outcome: "complete", id: "", version: 0, commits: 0, conflicts: 0 }),
};

/** Finds the collections of folders that say only a part of their names. */
export class LongNames {
  readonly #places: Places;
  readonly #known = new Map<string, TableName>();

  constructor(places: Places) {
    this.#places = places;
  }

  /** Undefined where no journal has an object in the folder, and for a folder that says all of a name. */
  async nameOf(folder: string, signal: AbortSignal): Promise<TableName | undefined> {
    if (!folder.includes(SHORTENED)) return undefined;
    // Whoever keeps tables has noted what is theirs; what it never met the journals know.
    if (!this.#known.has(folder)) await this.#readHints();
    if (!this.#known.has(folder)) await this.#readJournals(signal);
    return this.#known.get(folder);
  }

  async #readHints(): Promise<void> {
    for (const format of FORMATS) {
      const hint = await readHint({ store: this.#places.lake, key: hintKey(format) });
      for (const [folder, { database, collection }] of Object.entries(hint?.tables ?? {})) {
        this.#known.set(folder, { database, collection });
      }
    }
  }

  async #readJournals(signal: AbortSignal): Promise<void> {
    const follower = new LakeFollower({ ...followedLake(this.#places), openLog: () => NO_LOG });
    for (;;) {
      const { isComplete } = await follower.turn(signal);
      for (const { folder, name } of follower.tables) this.#known.set(folder, name);
      if (isComplete) return;
    }
  }
}
