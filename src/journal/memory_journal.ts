import type { Journal } from "../pipeline/stages.ts";
import { createObjectJournal, type JournalStore } from "./object_journal.ts";

/**
 * Journals in this process's memory, gone with it: for trying things out and for simulation. They are kept as the same
 * bytes as anywhere else, so nobody can change a record by keeping hold of it.
 */
export function createMemoryJournal(): Journal {
  return createObjectJournal(memoryStore());
}

function memoryStore(): JournalStore {
  const files = new Map<string, Uint8Array>();
  const below = (prefix: string) => [...files.keys()].filter((key) => key.startsWith(prefix));
  return {
    putIfAbsent(key, bytes) {
      if (files.has(key)) return Promise.resolve("exists");
      files.set(key, bytes.slice());
      return Promise.resolve("created");
    },
    get: (key) => Promise.resolve(files.get(key)?.slice()),
    list: (prefix, { limit }) => Promise.resolve(below(prefix).sort().slice(0, limit)),
    listFolders(prefix) {
      const rests = below(prefix).map((key) => key.slice(prefix.length));
      const folders = rests.filter((rest) => rest.includes("/")).map((rest) => rest.split("/")[0]!);
      return Promise.resolve([...new Set(folders)]);
    },
  };
}
