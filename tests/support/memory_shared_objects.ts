import { createHash } from "node:crypto";
import type { SharedObjects } from "../../src/coordinate/objects/shared_objects.ts";

/** Objects in this process's memory, with the ETags that S3 gives: the same bytes have the same. */
export function memorySharedObjects(): SharedObjects {
  const objects = new Map<string, string>();
  const put = (key: string, text: string): string => {
    objects.set(key, text);
    return etagOf(text);
  };
  return {
    create: (key, text) => Promise.resolve(objects.has(key) ? undefined : put(key, text)),
    replace(key, text, etag) {
      const current = objects.get(key);
      const isSame = current !== undefined && etagOf(current) === etag;
      return Promise.resolve(isSame ? put(key, text) : undefined);
    },
    get(key, knownEtag) {
      const text = objects.get(key);
      if (text === undefined) return Promise.resolve(undefined);
      const etag = etagOf(text);
      return Promise.resolve(etag === knownEtag ? "unchanged" : { text, etag });
    },
    list(prefix) {
      const listed = [...objects].filter(([key]) => key.startsWith(prefix));
      return Promise.resolve(new Map(listed.map(([key, text]) => [key, { etag: etagOf(text) }])));
    },
  };
}

function etagOf(text: string): string {
  return createHash("md5").update(text).digest("hex");
}
