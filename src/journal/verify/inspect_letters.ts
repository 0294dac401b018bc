import { EventSpans, readEventSpans } from "../../bson/event/event_spans.ts";
import { MalformedBsonError } from "../../bson/malformed_bson_error.ts";
import { documentEnd } from "../../bson/skip.ts";
import { PermanentError } from "../../model/errors.ts";
import type { LakeStore } from "../../pipeline/ports.ts";
import { crc32Hex } from "../../support/bytes/crc32.ts";
import type { InspectObject } from "./verify_options.ts";

/**
 * Reads a file of dead letters and counts its documents. What a document holds is looked at for its time only: that it
 * cannot be read may be why it is here.
 */
export async function inspectLetters(
  store: Pick<LakeStore, "get">,
  key: string,
): ReturnType<InspectObject> {
  const bytes = await store.get(key);
  if (bytes === undefined) throw new PermanentError(`Cannot read ${key}: it is gone`);
  const crc32 = crc32Hex(bytes);
  let [rows, firstMs, lastMs] = [0, Infinity, -Infinity];
  const tokens: string[] = [];
  try {
    for (let at = 0; at < bytes.length; rows++) {
      const end = documentEnd(bytes, at, bytes.length);
      const { ms, token } = placeOf(bytes.subarray(at, end));
      if (ms !== undefined) [firstMs, lastMs] = [Math.min(firstMs, ms), Math.max(lastMs, ms)];
      if (token !== undefined) tokens.push(token);
      at = end;
    }
  } catch (error) {
    if (!(error instanceof MalformedBsonError)) throw error;
    return { fault: `it is damaged (${error.message})`, crc32 };
  }
  if (firstMs > lastMs) return { rows, crc32 };
  const [first, last] = [tokens.sort().at(0), tokens.at(-1)];
  const both = first === undefined || last === undefined ? {} : { tokens: [first, last] as const };
  return { rows, crc32, times: { firstMs, lastMs, ...both } };
}

/** The event's cluster time in milliseconds and its token, as far as they can be read. */
function placeOf(document: Uint8Array): { readonly ms?: number; readonly token?: string } {
  const spans = new EventSpans();
  try {
    readEventSpans(document, 0, spans);
  } catch (error) {
    if (!(error instanceof MalformedBsonError)) throw error;
  }
  const { clusterSeconds, tokenStart, tokenEnd } = spans;
  return {
    ...(clusterSeconds > 0 ? { ms: clusterSeconds * 1000 } : {}),
    ...(tokenStart >= 0
      ? { token: new TextDecoder().decode(document.subarray(tokenStart, tokenEnd)) }
      : {}),
  };
}
