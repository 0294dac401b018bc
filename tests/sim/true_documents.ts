import type { BSON } from "mongodb";
import { type ClusterTime, compareClusterTimes } from "../../src/model/cluster_time.ts";
import type { MemoryEntry } from "../../src/source/memory/memory_oplog.ts";

/** A collection as it was at one time; its documents by the hexadecimal digits of their `_id`s. */
export interface TrueCollection {
  readonly uuid: string;
  readonly documents: Map<string, BSON.Document>;
}

/** A moment from which on the server's last operation had a time. */
interface Mark {
  readonly ms: number;
  readonly time: ClusterTime;
}

/** What all collections were at any time: made of the changes, and known to no one but the server and the rules. */
export class TrueDocuments {
  readonly #entries: MemoryEntry[] = [];
  readonly #marks: Mark[] = [];

  add(entry: MemoryEntry): void {
    this.#entries.push(entry);
  }

  /** All changes so far; a token is that by which the event counts. */
  get entries(): readonly MemoryEntry[] {
    return this.#entries;
  }

  /** Notes that the server has come to a time. */
  reached(time: ClusterTime, ms: number): void {
    this.#marks.push({ ms, time });
  }

  /** The last time that the server had come to at a moment. */
  timeAt(ms: number): ClusterTime {
    return this.#marks.findLast((mark) => mark.ms <= ms)?.time ?? { t: 0, i: 0 };
  }

  /** All collections at a time, by their full names. */
  at(time: ClusterTime): Map<string, TrueCollection> {
    const collections = new Map<string, TrueCollection>();
    for (const entry of this.#entries) {
      if (compareClusterTimes(entry.time, time) > 0) break;
      apply(collections, entry);
    }
    return collections;
  }
}

function apply(collections: Map<string, TrueCollection>, { change, uuid }: MemoryEntry): void {
  const { operation, database, collection, to, id, fullDocument } = change;
  const name = `${database}.${collection}`;
  switch (operation) {
    case "dropDatabase":
      for (const each of [...collections.keys()]) {
        if (each.startsWith(`${database}.`)) collections.delete(each);
      }
      return;
    case "drop":
      collections.delete(name);
      return;
    case "rename": {
      const moved = collections.get(name);
      collections.delete(name);
      if (moved === undefined) collections.delete(`${database}.${to}`);
      else collections.set(`${database}.${to}`, moved);
      return;
    }
    case "delete":
      collections.get(name)?.documents.delete(id!.toHexString());
      return;
  }
  let known = collections.get(name);
  if (known === undefined) {
    collections.set(name, known = { uuid: uuid.toLowerCase(), documents: new Map() });
  }
  // What the server cannot produce has changed nothing that anybody sees.
  if (fullDocument !== undefined) {
    known.documents.set(id!.toHexString(), { _id: id, ...fullDocument });
  }
}

/** The documents of `[from, to)`, in the order of their `_id`s. */
export function documentsBetween(
  documents: ReadonlyMap<string, BSON.Document>,
  from: string | undefined,
  to: string | undefined,
): BSON.Document[] {
  return [...documents].filter(([id]) =>
    (from === undefined || id >= from) && (to === undefined || id < to)
  )
    .sort(([a], [b]) => a < b ? -1 : 1).map(([, document]) => document);
}
