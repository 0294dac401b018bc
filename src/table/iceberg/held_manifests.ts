import { mapLimited } from "../../support/flow/limited.ts";
import type { ChooseFiles, ContainedFile } from "../compaction/compactable_log.ts";
import { isAmong, pathsThat } from "../compaction/oldest_files.ts";
import type { TableMetadata } from "./catalog.ts";
import { containedFileOf, pathIn } from "./data_file.ts";
import type { IcebergStore } from "./files.ts";
import { assertNoneDeleted, liveFiles } from "./held_files.ts";
import type { DataFile, ManifestFile } from "./manifest.ts";
import { currentSnapshot } from "./metadata.ts";
import { manifestsOf } from "./stage.ts";

const READS_IN_FLIGHT_MAX = 8;

/** Which files a table has, by manifest, of those that are to be held. These never change, so those that are known are not read again. */
export class HeldManifests {
  readonly #store: IcebergStore;
  readonly #folder: string;
  #isWanted: (path: string) => boolean = () => true;
  #paths: ReadonlyMap<string, ReadonlySet<string>> = new Map();

  constructor(store: IcebergStore, folder: string) {
    this.#store = store;
    this.#folder = folder;
  }

  /** The files of a state of the table that `choose` wants: these, and outputs of compactions, are held. */
  async read(
    metadata: TableMetadata,
    choose: ChooseFiles = (files) => files,
  ): Promise<readonly ContainedFile[]> {
    const all: ContainedFile[] = [];
    await this.#bringTo(metadata, (file) => {
      const contained = containedFileOf(this.#store, this.#folder, file);
      all.push(contained);
      return contained.path;
    });
    const files = choose(all);
    if (files.length === all.length) return files;
    this.#isWanted = isAmong(files.map(({ path }) => path));
    this.#paths = new Map(
      [...this.#paths].map(([url, paths]) => [url, pathsThat(this.#isWanted, paths)]),
    );
    return files;
  }

  /** Goes on to another state of the table. */
  async bringTo(metadata: TableMetadata): Promise<void> {
    await this.#bringTo(metadata, (file) => pathIn(this.#store, this.#folder, file));
  }

  has(path: string): boolean {
    return [...this.#paths.values()].some((paths) => paths.has(path));
  }

  /** Whether a manifest names one of these files. */
  names({ manifest_path }: Pick<ManifestFile, "manifest_path">, paths: readonly string[]): boolean {
    const own = this.#paths.get(manifest_path);
    return own !== undefined && paths.some((path) => own.has(path));
  }

  async #bringTo(
    metadata: TableMetadata,
    pathOf: (file: DataFile) => string,
  ): Promise<void> {
    const snapshot = currentSnapshot(metadata);
    const manifests = snapshot === undefined
      ? []
      : await manifestsOf(this.#store, this.#folder, snapshot);
    assertNoneDeleted(this.#folder, manifests);
    const read = await mapLimited(manifests, READS_IN_FLIGHT_MAX, async (manifest) => {
      const url = manifest.manifest_path;
      const known = this.#paths.get(url);
      if (known !== undefined) return [url, known] as const;
      const files = await liveFiles(this.#store, this.#folder, manifest);
      return [url, pathsThat(this.#isWanted, files.map(pathOf))] as const;
    });
    this.#paths = new Map(read);
  }
}
