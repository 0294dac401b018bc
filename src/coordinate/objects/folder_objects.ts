import { join } from "node:path";
import { stat } from "node:fs/promises";
import type { Clock } from "../../support/clock.ts";
import type { Random } from "../../support/random.ts";
import { createText, namesIn, readText, removeFile } from "./shared_folder.ts";
import type { ListedObject, SharedObjects } from "./shared_objects.ts";

const DIGITS = 10;

/**
 * Shared objects in a folder, also of a network file system: the versions of an object are files `KEY/{n}`, and the highest
 * number counts. To replace version n is to create file n + 1, which succeeds for one only; a version's number is its
 * ETag.
 */
export function createFolderObjects(folder: string, clock: Clock, random: Random): SharedObjects {
  const folderOf = (key: string) => join(folder, ...key.split("/"));
  const last = async (key: string) => lastOf(await namesIn(folderOf(key)));
  const fileOf = (key: string, version: number) => join(folderOf(key), nameOf(version));

  const write = async (key: string, text: string, version: number) => {
    const path = fileOf(key, version);
    if (!await createText(path, text, random.hex(16))) return undefined;
    // Others may have come by meanwhile, and removed the file that would have stopped us.
    if (await last(key) !== version) {
      await removeFile(path);
      return undefined;
    }
    for (const name of await namesIn(folderOf(key))) {
      if (lastOf([name]) < version) await removeFile(join(folderOf(key), name));
    }
    return String(version);
  };

  return {
    async create(key, text) {
      return await last(key) === 0 ? await write(key, text, 1) : undefined;
    },
    async replace(key, text, etag) {
      const version = Number(etag);
      return await last(key) === version ? await write(key, text, version + 1) : undefined;
    },
    async get(key, knownEtag) {
      for (;;) {
        const version = await last(key);
        if (version === 0) return undefined;
        if (String(version) === knownEtag) return "unchanged";
        const text = await readText(fileOf(key, version));
        // Where it is gone a newer one has come.
        if (text !== undefined) return { text, etag: String(version) };
      }
    },
    async list(prefix) {
      const found = new Map<string, ListedObject>();
      for (const name of await namesIn(folderOf(prefix))) {
        const key = `${prefix}${name}`;
        const version = await last(key);
        if (version === 0) continue;
        const ageMs = await ageOf(fileOf(key, version), clock);
        found.set(key, { etag: String(version), ageMs });
      }
      return found;
    },
  };
}

function nameOf(version: number): string {
  return String(version).padStart(DIGITS, "0");
}

function lastOf(names: readonly string[]): number {
  return Math.max(0, ...names.map((name) => /^\d{10}$/.test(name) ? Number(name) : 0));
}

async function ageOf(path: string, clock: Clock): Promise<number> {
  const writtenMs = await stat(path).then(({ mtimeMs }) => mtimeMs, () => Infinity);
  return Math.max(0, clock.wallMs() - writtenMs);
}
