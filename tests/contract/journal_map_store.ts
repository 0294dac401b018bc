import type { JournalStore } from "../../src/journal/object_journal.ts";

/** The smallest store a journal can lie in, which counts what is asked of it. */
export interface MapStore {
  readonly store: JournalStore;
  readonly files: Map<string, Uint8Array>;
  /** Keys in the order in which they were asked for by `get`. */
  readonly gets: string[];
}

export function mapStore(): MapStore {
  const files = new Map<string, Uint8Array>();
  const gets: string[] = [];
  const store: JournalStore = {
    async putIfAbsent(key, bytes) {
      await Promise.resolve();
      if (files.has(key)) return "exists";
      files.set(key, bytes.slice());
      return "created";
    },
    get(key) {
      gets.push(key);
      return Promise.resolve(files.get(key));
    },
    list(prefix, { limit, startAfter = "" }) {
      const keys = [...files.keys()].filter((key) => key.startsWith(prefix) && key > startAfter);
      return Promise.resolve(keys.sort().slice(0, limit));
    },
    listFolders(prefix) {
      const names = new Set<string>();
      for (const key of files.keys()) {
        const [folder, ...rest] = key.slice(prefix.length).split("/");
        if (key.startsWith(prefix) && rest.length > 0) names.add(folder!);
      }
      return Promise.resolve([...names]);
    },
  };
  return { store, files, gets };
}
