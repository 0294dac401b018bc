import { fileURLToPath } from "node:url";
import { errorMessage, PermanentError, TransientError } from "../../model/errors.ts";
import type { ByteRange, ListOptions, StoredObject } from "../../pipeline/ports.ts";
import { resolveByteRange } from "../byte_range.ts";
import {
  alreadyExists,
  directoryError,
  isAbsent,
  isMissing,
  linkError,
} from "./directory_faults.ts";
import { walkFolders, walkKeys } from "./directory_walk.ts";
import { assertObjectKey, objectKeyFault, pathFault } from "../../model/keys/key_rules.ts";
import type { DestinationTools, OpenDestination } from "../open_destination.ts";

/** Where objects are written before they get their name; readers and `**` globs for data files find nothing here. */
const TEMP_FOLDER = "_tributary/tmp";
const TEMP_SUFFIX = ".tmp";

/** No writer needs a temporary file for so long, even one that was paused; older ones are left by dead processes. */
const LEFTOVER_AGE_MS = 24 * 3_600_000;

/** Folders of which we remember that they are durable. */
const FOLDERS_KNOWN_MAX = 10_000;

const TEMP_NAME_TRIES_MAX = 8;

/**
 * Opens a directory as a destination. It is created by the first object, where it is missing.
 *
 * @throws {PermanentError} if the URL is not `file:///dir` or the directory cannot be used.
 */
export async function openDirectory(
  url: string,
  tools: DestinationTools,
): Promise<DirectoryDestination> {
  const root = directoryOfUrl(url);
  try {
    const destination = new DirectoryDestination(root, tools);
    await destination.removeLeftovers();
    return destination;
  } catch (error) {
    throw directoryError(`open directory "${root}"`, error);
  }
}

function directoryOfUrl(url: string): string {
  try {
    const path = fileURLToPath(url);
    return path.length > 1 ? path.replace(/\/+$/, "") : path;
  } catch (error) {
    throw new PermanentError(
      `Cannot use destination "${url}": it must be file:// and an absolute path (${
        errorMessage(error)
      })`,
      { cause: error },
    );
  }
}

/** Creates a folder and its parents, each durable: a new one is an entry of its parent, which is flushed. */
async function createFolders(path: string): Promise<void> {
  if (await isFolder(path)) return;
  await createFolders(parentOf(path));
  await createFolder(path);
  await syncFolder(parentOf(path));
}

async function createFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path);
  } catch (error) {
    // It was there, or another writer was faster.
    if (!alreadyExists(error) || !await isFolder(path)) throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}

async function syncFolder(path: string): Promise<void> {
  using folder = await Deno.open(path);
  await folder.sync();
}

type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * Objects as files. A file appears under its name by `link`, which fails if the name is taken, after its bytes have
 * been flushed: so it is there whole or not at all, whatever crashes, and one writer of a name wins.
 */
export class DirectoryDestination implements OpenDestination {
  readonly url: string;
  readonly remarks = [];
  readonly #root: string;
  readonly #tools: DestinationTools;
  /** Folders whose own entries we have flushed, relative to the root. */
  readonly #durableFolders = new Set<string>();
  #closed = false;

  constructor(root: string, tools: DestinationTools) {
    this.url = `file://${root}`;
    this.#root = root;
    this.#tools = tools;
  }

  putIfAbsent(key: string, bytes: Uint8Array): Promise<"created" | "exists"> {
    return this.putStreamed(key, [bytes]);
  }

  async putStreamed(
    key: string,
    chunks: Chunks,
  ): Promise<"created" | "exists"> {
    assertObjectKey(key);
    if (key.startsWith(TEMP_FOLDER + "/")) {
      throw new PermanentError(`Cannot write object "${key}": ${TEMP_FOLDER}/ holds no objects`);
    }
    return await this.#attempt(`write object "${key}"`, key, async () => {
      await this.#ensureFolder(folderOf(key));
      if (await this.#sizeOf(key) === undefined) {
        if (await this.#create(key, chunks)) return "created";
        // Lost the race, or the name belongs to something that is no object.
        if (await this.#sizeOf(key) === undefined) {
          throw new PermanentError(`Cannot write object "${key}": a folder has that name`);
        }
      }
      // The writer of the file may have died between naming it and flushing the folder.
      await this.#syncFolderOf(key);
      return "exists";
    });
  }

  async replace(key: string, bytes: Uint8Array): Promise<void> {
    assertObjectKey(key);
    await this.#attempt(`write object "${key}"`, key, async () => {
      await this.#ensureFolder(folderOf(key));
      const temp = await this.#writeTemp([bytes]);
      try {
        await Deno.rename(temp, this.#path(key));
      } catch (error) {
        await this.#discard(temp);
        throw error;
      }
      await this.#syncFolderOf(key);
    });
  }

  async remove(key: string): Promise<void> {
    assertObjectKey(key);
    await this.#attempt(`delete object "${key}"`, key, async () => {
      try {
        await Deno.remove(this.#path(key));
        await this.#syncFolderOf(key);
      } catch (error) {
        if (!isAbsent(error)) throw error;
      }
    });
  }

  async head(key: string): Promise<StoredObject | undefined> {
    assertObjectKey(key);
    return await this.#attempt(`look for object "${key}"`, key, async () => {
      const bytes = await this.#sizeOf(key);
      if (bytes === undefined) return undefined;
      // What is seen here counts as durable; its writer may have died before it flushed the folder.
      await this.#syncFolderOf(key);
      return { bytes };
    });
  }

  async get(key: string, range?: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
    assertObjectKey(key);
    return await this.#attempt(`read object "${key}"`, key, async () => {
      try {
        using file = await Deno.open(this.#path(key));
        const info = await file.stat();
        if (!info.isFile) return undefined;
        return await readRange(file, resolveByteRange(range, info.size));
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw error;
      }
    });
  }

  async list(prefix: string, options: ListOptions): Promise<string[]> {
    return await this.#attempt(`list objects "${prefix}*"`, undefined, async () => {
      const keys: string[] = [];
      if (options.limit <= 0) return keys;
      for await (const key of walkKeys(this.#root, prefix, options.startAfter)) {
        keys.push(key);
        if (keys.length >= options.limit) break;
      }
      return keys;
    });
  }

  async listFolders(prefix: string): Promise<string[]> {
    return await this.#attempt(
      `list folders of "${prefix}"`,
      undefined,
      () => walkFolders(this.#root, prefix),
    );
  }

  keyFault(key: string): string | undefined {
    return objectKeyFault(key) ?? pathFault(`${this.#root}/${key}`);
  }

  checkLargeObjects(): Promise<void> {
    return Promise.resolve();
  }

  async checkMedium(bytes = 1): Promise<void> {
    await this.#attempt(`use directory "${this.#root}"`, undefined, async () => {
      const temp = await this.#writeTemp([new Uint8Array(bytes).fill(1)]);
      const second = `${temp}2${TEMP_SUFFIX}`;
      try {
        await this.#link(temp, second, `use directory "${this.#root}"`);
        await syncFolder(`${this.#root}/${TEMP_FOLDER}`);
        await Deno.remove(second);
      } finally {
        await this.#discard(temp);
      }
    });
  }

  /** Deletes temporary files that are so old that no living process can be writing them. */
  async removeLeftovers(): Promise<void> {
    const folder = `${this.#root}/${TEMP_FOLDER}`;
    const oldest = this.#tools.clock.wallMs() - LEFTOVER_AGE_MS;
    try {
      for await (const entry of Deno.readDir(folder)) {
        if (!entry.name.endsWith(TEMP_SUFFIX)) continue;
        const info = await Deno.stat(`${folder}/${entry.name}`);
        if (info.mtime !== null && info.mtime.getTime() < oldest) {
          await this.#discard(`${folder}/${entry.name}`);
        }
      }
    } catch (error) {
      // No such folder, or another process was faster.
      if (!isMissing(error)) throw error;
    }
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  /** Whether we created the file; false if the name was taken. */
  async #create(key: string, chunks: Chunks): Promise<boolean> {
    const temp = await this.#writeTemp(chunks);
    try {
      const linked = await this.#link(temp, this.#path(key), `write object "${key}"`);
      if (linked) await this.#syncFolderOf(key);
      return linked;
    } finally {
      await this.#discard(temp);
    }
  }

  async #link(from: string, to: string, action: string): Promise<boolean> {
    try {
      await Deno.link(from, to);
      return true;
    } catch (error) {
      if (alreadyExists(error)) return false;
      // Somebody deleted the folder (or, after a day's pause, the temporary file): know nothing, then try again.
      if (isMissing(error)) this.#durableFolders.clear();
      throw linkError(action, error);
    }
  }

  /** Writes and flushes a temporary file; answers its path. */
  async #writeTemp(chunks: Chunks): Promise<string> {
    const path = await this.#createTemp();
    try {
      using file = await Deno.open(path, { write: true });
      for await (const bytes of chunks) {
        for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
      }
      await file.sync();
      return path;
    } catch (error) {
      await this.#discard(path);
      throw error;
    }
  }

  async #createTemp(): Promise<string> {
    for (let tries = 1;; tries++) {
      const name = this.#tools.random.hex(24) + TEMP_SUFFIX;
      const path = `${this.#root}/${TEMP_FOLDER}/${name}`;
      try {
        (await Deno.open(path, { write: true, createNew: true })).close();
        return path;
      } catch (error) {
        if (tries >= TEMP_NAME_TRIES_MAX) throw error;
        if (isMissing(error)) await createFolders(`${this.#root}/${TEMP_FOLDER}`);
        else if (!alreadyExists(error)) throw error;
      }
    }
  }

  /** Removes a temporary file. Where that fails it stays, harmless, until a later start finds it old. */
  async #discard(path: string): Promise<void> {
    await Deno.remove(path).catch(() => {});
  }

  /** Creates a folder and makes it durable with all its parents, also those that a dead process created. */
  async #ensureFolder(folder: string): Promise<void> {
    if (this.#durableFolders.has(folder)) return;
    if (folder === "") return await createFolders(this.#root);
    await this.#ensureFolder(folderOf(folder));
    await createFolder(`${this.#root}/${folder}`);
    await this.#syncFolderOf(folder);
    if (this.#durableFolders.size >= FOLDERS_KNOWN_MAX) this.#durableFolders.clear();
    this.#durableFolders.add(folder);
  }

  async #syncFolderOf(path: string): Promise<void> {
    await syncFolder(`${this.#root}/${folderOf(path)}`);
  }

  async #sizeOf(key: string): Promise<number | undefined> {
    try {
      const info = await Deno.stat(this.#path(key));
      return info.isFile ? info.size : undefined;
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  #path(key: string): string {
    return `${this.#root}/${key}`;
  }

  async #attempt<T>(
    action: string,
    key: string | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    if (this.#closed || this.#tools.signal?.aborted) {
      throw new TransientError(`Cannot ${action}: the destination is closed`);
    }
    try {
      return await work();
    } catch (error) {
      if (error instanceof RangeError) throw error;
      const fault = directoryError(action, error);
      this.#tools.onFailure?.(fault, false, key);
      throw fault;
    }
  }
}

/** The part of a path before its last `/`; empty if there is none. */
function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

async function readRange(
  file: Deno.FsFile,
  range: { readonly start: number; readonly end: number },
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(range.end - range.start);
  await file.seek(range.start, Deno.SeekMode.Start);
  for (let done = 0; done < bytes.length;) {
    const read = await file.read(bytes.subarray(done));
    if (read === null) {
      throw new Error(`the file ends ${bytes.length - done} bytes early`);
    }
    done += read;
  }
  return bytes;
}
