import { type IcebergStore, isListKey } from "./files.ts";

/** A larger list is read again: many tables are kept at once. */
const LIST_BYTES_MAX = 32 * 1024;

/** The same store, which remembers the last list of manifests that was written by it: the next change begins with that. */
export function withLastList(store: IcebergStore): IcebergStore {
  let last: { readonly key: string; readonly bytes: Uint8Array<ArrayBuffer> } | undefined;
  return {
    ...store,
    async putIfAbsent(key, bytes, options) {
      const outcome = await store.putIfAbsent(key, bytes, options);
      const isKept = outcome === "created" && isListKey(key) && bytes.length <= LIST_BYTES_MAX;
      if (isKept) last = { key, bytes: new Uint8Array(bytes) };
      return outcome;
    },
    get: (key, range) =>
      key === last?.key && range === undefined
        ? Promise.resolve(last.bytes)
        : store.get(key, range),
  };
}
