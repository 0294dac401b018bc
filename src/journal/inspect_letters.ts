import { MalformedBsonError } from "../bson/malformed_bson_error.ts";
import { documentEnd } from "../bson/skip.ts";
import { PermanentError } from "../model/errors.ts";
import type { Destination } from "../pipeline/stages.ts";
import { crc32Hex } from "../support/crc32.ts";

/**
 * Reads a file of dead letters and counts its documents. What a document holds is not looked at: that it cannot be read
 * may be why it is here.
 */
export async function inspectLetters(
  store: Pick<Destination, "get">,
  key: string,
): Promise<{ readonly rows?: number; readonly fault?: string; readonly crc32: string }> {
  const bytes = await store.get(key);
  if (bytes === undefined) throw new PermanentError(`Cannot read ${key}: it is gone`);
  const crc32 = crc32Hex(bytes);
  try {
    let rows = 0;
    for (let at = 0; at < bytes.length; rows++) at = documentEnd(bytes, at, bytes.length);
    return { rows, crc32 };
  } catch (error) {
    if (!(error instanceof MalformedBsonError)) throw error;
    return { fault: `it is damaged (${error.message})`, crc32 };
  }
}
