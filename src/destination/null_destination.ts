import type { ByteRange, ListOptions, StoredObject } from "../pipeline/ports.ts";
import { concatChunks } from "../support/bytes/concat_bytes.ts";
import { MemoryDestination } from "./memory_destination.ts";
import { assertObjectKey, objectKeyFault } from "../model/keys/key_rules.ts";
import type { OpenDestination } from "./open_destination.ts";

/**
 * Counts data objects and throws them away, for measuring everything before the upload. What lies under `_tributary/`
 * (journals, the probe's object) is kept in memory, so that the protocol works.
 */
export class NullDestination implements OpenDestination {
  readonly url = "null:";
  readonly remarks = [];
  readonly #kept = new MemoryDestination();
  #objects = 0;
  #bytes = 0;

  /** Data objects thrown away so far, and their bytes. */
  get counts(): { readonly objects: number; readonly bytes: number } {
    return { objects: this.#objects, bytes: this.#bytes };
  }

  putIfAbsent(key: string, bytes: Uint8Array): Promise<"created" | "exists"> {
    if (isKept(key)) return this.#kept.putIfAbsent(key, bytes);
    try {
      assertObjectKey(key);
    } catch (error) {
      return Promise.reject(error);
    }
    this.#objects++;
    this.#bytes += bytes.length;
    return Promise.resolve("created");
  }

  async putStreamed(
    key: string,
    chunks: AsyncIterable<Uint8Array>,
  ): Promise<"created" | "exists"> {
    return await this.putIfAbsent(key, await concatChunks(chunks));
  }

  replace(key: string, bytes: Uint8Array): Promise<void> {
    return isKept(key) ? this.#kept.replace(key, bytes) : Promise.resolve();
  }

  remove(key: string): Promise<void> {
    return this.#kept.remove(key);
  }

  head(key: string): Promise<StoredObject | undefined> {
    return this.#kept.head(key);
  }

  get(key: string, range?: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#kept.get(key, range);
  }

  list(prefix: string, options: ListOptions): Promise<string[]> {
    return this.#kept.list(prefix, options);
  }

  listFolders(prefix: string): Promise<string[]> {
    return this.#kept.listFolders(prefix);
  }

  keyFault(key: string): string | undefined {
    return objectKeyFault(key);
  }

  checkLargeObjects(): Promise<void> {
    return Promise.resolve();
  }

  checkMedium(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function isKept(key: string): boolean {
  return key.startsWith("_tributary/");
}
