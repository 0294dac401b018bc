import type { LakeStore } from "../pipeline/ports.ts";

/** What tables need of the store beside what a lake does: some files there are replaced and deleted. */
export interface TableStore extends Pick<LakeStore, "putIfAbsent" | "get" | "head" | "list"> {
  /** Creates the object, or replaces what is there, whole. Errors as `putIfAbsent`. */
  replace(
    key: string,
    bytes: Uint8Array,
    options?: { readonly contentType?: string },
  ): Promise<void>;
  /** Deletes the object, if there is one. Errors as `putIfAbsent`. */
  remove(key: string): Promise<void>;
}
