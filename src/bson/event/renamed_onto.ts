import type { RenamedOnto } from "../../model/snapshot.ts";
import { DOCUMENT, STRING } from "../element_type.ts";
import { documentEnd, elementSize, nameEnd, stringEnd } from "../skip.ts";
import type { EventSpans } from "./event_spans.ts";

const decoder = new TextDecoder();

/** What a rename says of its new name, if nobody has changed it; `$out` replaces a collection by a rename as well. */
export function renamedOnto(bytes: Uint8Array, spans: EventSpans): RenamedOnto | undefined {
  const { toStart, toType, end, clusterSeconds, clusterIncrement } = spans;
  if (toType !== DOCUMENT) return undefined;
  const texts = new Map<string, string>();
  const last = documentEnd(bytes, toStart, end) - 1;
  for (let at = toStart + 4; at < last;) {
    const type = bytes[at]!;
    const value = nameEnd(bytes, at + 1, last) + 1;
    const name = decoder.decode(bytes.subarray(at + 1, value - 1));
    if (type === STRING) {
      texts.set(name, decoder.decode(bytes.subarray(value + 4, stringEnd(bytes, value, last) - 1)));
    }
    at = value + elementSize(bytes, type, value, last);
  }
  const [database, collection] = [texts.get("db"), texts.get("coll")];
  if (database === undefined || collection === undefined) return undefined;
  return { database, collection, at: { t: clusterSeconds, i: clusterIncrement } };
}
