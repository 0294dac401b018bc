import { type BSON, Double, Int32, ObjectId } from "mongodb";
import type { MemoryChange, MemoryOplog } from "./memory_oplog.ts";

export interface SyntheticChanges {
  readonly seed: number;
  readonly changes: number;
  readonly database: string;
  readonly collections: readonly string[];
  /** About how large each document is; small documents have fewer fields. */
  readonly documentBytes: number;
  /** How many changes share a second of cluster time. */
  readonly changesPerSecond: number;
}

/** Shares of the operations; the rest are inserts. */
const UPDATES = 0.3;
const DELETES = 0.1;

/** What can be updated and deleted is chosen among this many of the latest documents. */
const LIVE_DOCUMENTS_MAX = 1_000;

/**
 * Appends inserts, updates and deletes of an order book. The same seed gives the same bytes.
 */
export function appendSyntheticChanges(oplog: MemoryOplog, options: SyntheticChanges): void {
  const random = seededFraction(options.seed);
  const live: { readonly id: ObjectId; readonly document: BSON.Document }[] = [];
  for (let index = 0; index < options.changes; index++) {
    if (index > 0 && index % options.changesPerSecond === 0) {
      oplog.advanceTo({ t: oplog.operationTime.t + 1, i: 0 });
    }
    const collection = options.collections[index % options.collections.length]!;
    const target = { database: options.database, collection };
    const dice = random();
    const picked = Math.floor(random() * live.length);
    const known = live[picked];
    if (known === undefined || dice >= UPDATES + DELETES) {
      const document = order(index, options.documentBytes, random);
      const id = document["_id"] as ObjectId;
      oplog.append({ ...target, operation: "insert", id, fullDocument: document });
      if (live.length === LIVE_DOCUMENTS_MAX) live.shift();
      live.push({ id, document });
    } else if (dice < DELETES) {
      live.splice(picked, 1);
      oplog.append({ ...target, operation: "delete", id: known.id });
    } else {
      oplog.append(updateOf(known, target, random));
    }
  }
}

function updateOf(
  known: { readonly id: ObjectId; readonly document: BSON.Document },
  target: { readonly database: string; readonly collection: string },
  random: () => number,
): MemoryChange {
  const price = new Double(Math.round(random() * 1e6) / 100);
  known.document["price"] = price;
  return {
    ...target,
    operation: "update",
    id: known.id,
    fullDocument: known.document,
    updateDescription: { updatedFields: { price }, removedFields: [], truncatedArrays: [] },
  };
}

function order(index: number, documentBytes: number, random: () => number): BSON.Document {
  const id = new ObjectId(index.toString(16).padStart(24, "0"));
  const words = ["new", "paid", "sent", "returned"];
  const document: BSON.Document = {
    _id: id,
    number: new Int32(index),
    price: new Double(Math.round(random() * 1e6) / 100),
    status: words[Math.floor(random() * words.length)],
  };
  const lines: string[] = [];
  for (let bytes = 100; bytes < documentBytes; bytes += 40) {
    lines.push(`item ${Math.floor(random() * 1e9)}`.padEnd(30, "."));
  }
  if (lines.length > 0) document["lines"] = lines;
  return document;
}

/** A small generator with 32 bits of state (mulberry32), uniform in [0, 1). */
function seededFraction(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
