import { type Document, serialize, Timestamp } from "bson";

/** Change events that insert the document, as BSON, each with a time and a token of its own. */
export function orderEvents(document: Document, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) =>
    serialize({
      _id: { _data: "82673F1A2B0000000" + "2B042C0100296E5A1004".padEnd(150, String(i % 10)) },
      operationType: "insert",
      clusterTime: new Timestamp({ t: 1763690000 + i, i: i + 1 }),
      wallTime: new Date(1763690000000 + i),
      fullDocument: document,
      ns: { db: "shop", coll: "orders" },
      documentKey: { _id: document._id },
    }));
}
