/**
 * A few small objects that all instances of a pipeline see, and that nobody replaces without having read what is there.
 * Nothing is deleted. Errors are `TransientError` (a write may have arrived, and may still arrive) and `PermanentError`.
 */
export interface SharedObjects {
  /** Creates the object; the answer is its ETag, undefined where there is one already. */
  create(key: string, text: string): Promise<string | undefined>;
  /** Replaces the version with this ETag; the answer is the new one, undefined where another version is there, or none. */
  replace(key: string, text: string, etag: string): Promise<string | undefined>;
  /** The version that is there now; `unchanged` where it is the known one, undefined where there is none. */
  get(key: string, knownEtag?: string): Promise<SharedVersion | "unchanged" | undefined>;
  /** The ETags of all objects whose keys begin so, by key. They may be old. */
  list(prefix: string): Promise<ReadonlyMap<string, ListedObject>>;
}

export interface SharedVersion {
  readonly text: string;
  readonly etag: string;
}

export interface ListedObject {
  readonly etag: string;
  /** How long ago it was written, by somebody's clock: good for cleaning up and for people to see, not for a verdict. */
  readonly ageMs?: number;
}

/** The objects whose keys begin so, without that. */
export function below(objects: SharedObjects, folder: string): SharedObjects {
  return {
    create: (key, text) => objects.create(folder + key, text),
    replace: (key, text, etag) => objects.replace(folder + key, text, etag),
    get: (key, knownEtag) => objects.get(folder + key, knownEtag),
    async list(prefix) {
      const listed = await objects.list(folder + prefix);
      return new Map([...listed].map(([key, object]) => [key.slice(folder.length), object]));
    },
  };
}
