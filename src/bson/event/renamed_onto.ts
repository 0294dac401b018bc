import { BSON } from "mongodb";
import type { RenamedOnto } from "../../model/snapshot.ts";
import { DOCUMENT } from "../element_type.ts";
import type { EventSpans } from "./event_spans.ts";
import { documentEnd } from "../skip.ts";

/** What a rename says of its new name, if nobody has changed it; `$out` replaces a collection by a rename as well. */
export function renamedOnto(bytes: Uint8Array, spans: EventSpans): RenamedOnto | undefined {
  const { toStart, toType, end, clusterSeconds, clusterIncrement } = spans;
  if (toType !== DOCUMENT) return undefined;
  const to = BSON.deserialize(bytes.subarray(toStart, documentEnd(bytes, toStart, end)));
  const at = { t: clusterSeconds, i: clusterIncrement };
  const { db: database, coll: collection } = to;
  const isName = typeof database === "string" && typeof collection === "string";
  return isName ? { database, collection, at } : undefined;
}
