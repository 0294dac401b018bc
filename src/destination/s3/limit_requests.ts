import type { LakeStore } from "../../pipeline/ports.ts";
import { Limiter } from "../../support/flow/limited.ts";

/** The same destination with at most so many of its requests under way; the others wait in their order. */
export function limitRequests(destination: LakeStore, requestsMax: number): LakeStore {
  const limiter = new Limiter(requestsMax);
  return {
    putIfAbsent: (key, bytes, options) =>
      limiter.run(() => destination.putIfAbsent(key, bytes, options)),
    head: (key) => limiter.run(() => destination.head(key)),
    get: (key, range) => limiter.run(() => destination.get(key, range)),
    list: (prefix, options) => limiter.run(() => destination.list(prefix, options)),
    listFolders: (prefix) => limiter.run(() => destination.listFolders(prefix)),
  };
}
