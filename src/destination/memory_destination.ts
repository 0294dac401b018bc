import type { ByteRange, ListOptions, StoredObject } from "../pipeline/ports.ts";
import { concatChunks } from "../support/bytes/concat_bytes.ts";
import { crc32Hex } from "../support/bytes/crc32.ts";
import { compareUtf8 } from "../support/bytes/utf8_order.ts";
import { resolveByteRange } from "./byte_range.ts";
import { assertObjectKey, objectKeyFault } from "../model/keys/key_rules.ts";
import type { OpenDestination } from "./open_destination.ts";

/** Objects in this process's memory: for simulation and trying things out. Lost at the end of the process. */
export class MemoryDestination implements OpenDestination {
  readonly url = "memory:";
  readonly remarks = [];
  readonly #objects = new Map<string, Uint8Array<ArrayBuffer>>();

  putIfAbsent(key: string, bytes: Uint8Array): Promise<"created" | "exists"> {
    return settled(() => {
      assertObjectKey(key);
      if (this.#objects.has(key)) return "exists";
      // The caller may reuse its buffer.
      this.#objects.set(key, new Uint8Array(bytes));
      return "created";
    });
  }

  async putStreamed(
    key: string,
    chunks: AsyncIterable<Uint8Array>,
  ): Promise<"created" | "exists"> {
    return await this.putIfAbsent(key, await concatChunks(chunks));
  }

  replace(key: string, bytes: Uint8Array): Promise<void> {
    return settled(() => {
      assertObjectKey(key);
      this.#objects.set(key, new Uint8Array(bytes));
    });
  }

  remove(key: string): Promise<void> {
    return settled(() => void this.#objects.delete(key));
  }

  head(key: string): Promise<StoredObject | undefined> {
    return settled(() => {
      assertObjectKey(key);
      const bytes = this.#objects.get(key);
      return bytes && { bytes: bytes.length, crc32: crc32Hex(bytes) };
    });
  }

  get(key: string, range?: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return settled(() => {
      assertObjectKey(key);
      const bytes = this.#objects.get(key);
      if (bytes === undefined) return undefined;
      const { start, end } = resolveByteRange(range, bytes.length);
      return bytes.slice(start, end);
    });
  }

  list(prefix: string, options: ListOptions): Promise<string[]> {
    const after = options.startAfter;
    const keys = [...this.#objects.keys()].filter((key) =>
      key.startsWith(prefix) && (after === undefined || compareUtf8(key, after) > 0)
    );
    return Promise.resolve(keys.sort(compareUtf8).slice(0, options.limit));
  }

  listFolders(prefix: string): Promise<string[]> {
    const folders = new Set<string>();
    for (const key of this.#objects.keys()) {
      if (!key.startsWith(prefix)) continue;
      const end = key.indexOf("/", prefix.length);
      if (end !== -1) folders.add(key.slice(prefix.length, end + 1));
    }
    // As the keys below them sort: with the slash.
    return Promise.resolve([...folders].sort(compareUtf8).map((folder) => folder.slice(0, -1)));
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

/** The action's result as a promise, and what it throws as a rejection. */
function settled<T>(action: () => T): Promise<T> {
  try {
    return Promise.resolve(action());
  } catch (error) {
    return Promise.reject(error);
  }
}
