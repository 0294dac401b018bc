import { mapLimited } from "../../support/flow/limited.ts";
import type { ContainedFile } from "../compaction/compactable_log.ts";
import { tableFault } from "../table_log.ts";
import type { TableMetadata } from "./catalog.ts";
import { containedFileOf, pathIn } from "./data_file.ts";
import type { IcebergStore } from "./files.ts";
import { DATA_CONTENT, type ManifestEntry, type ManifestFile, STATUS } from "./manifest.ts";
import { currentSnapshot } from "./metadata.ts";
import { entriesOf, manifestsOf } from "./stage.ts";

const READS_IN_FLIGHT_MAX = 8;

/** Which files a table has, by manifest. These never change, so those that are known are not read again. */
export class HeldManifests {
  readonly #store: IcebergStore;
  readonly #folder: string;
  #paths: ReadonlyMap<string, ReadonlySet<string>> = new Map();

  constructor(store: IcebergStore, folder: string) {
    this.#store = store;
    this.#folder = folder;
  }

  /** All files of a state of the table. */
  async read(metadata: TableMetadata): Promise<ContainedFile[]> {
    const files: ContainedFile[] = [];
    await this.#bringTo(metadata, ({ data_file }) => {
      const file = containedFileOf(this.#store, this.#folder, data_file);
      files.push(file);
      return file.path;
    });
    return files;
  }

  /** Goes on to another state of the table. */
  async bringTo(metadata: TableMetadata): Promise<void> {
    await this.#bringTo(metadata, ({ data_file }) => pathIn(this.#store, this.#folder, data_file));
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
    pathOf: (entry: ManifestEntry) => string,
  ): Promise<void> {
    const snapshot = currentSnapshot(metadata);
    const manifests = snapshot === undefined
      ? []
      : await manifestsOf(this.#store, this.#folder, snapshot);
    const deleting = manifests.find(({ content }) => content !== DATA_CONTENT);
    if (deleting !== undefined) {
      throw tableFault(this.#folder, `somebody has deleted rows: ${deleting.manifest_path}`);
    }
    const read = await mapLimited(manifests, READS_IN_FLIGHT_MAX, async (manifest) => {
      const url = manifest.manifest_path;
      const known = this.#paths.get(url);
      if (known !== undefined) return [url, known] as const;
      const entries = await entriesOf(this.#store, this.#folder, manifest);
      const live = entries.filter(({ status }) => status !== STATUS.deleted);
      return [url, new Set(live.map(pathOf))] as const;
    });
    this.#paths = new Map(read);
  }
}
