import { BSON } from "mongodb";
import { DOCUMENT } from "../../bson/element_type.ts";
import type { EventSpans } from "../../bson/event/event_spans.ts";
import type { NamespaceName } from "../../pipeline/namespaces.ts";

/** `database`, a NUL, which no name contains, and `collection`. */
interface Entry<T> {
  readonly name: Uint8Array;
  readonly values: T[];
}

/** Finds what belongs to the namespace of an event by the bytes of its name: no text is made of it. */
export class NamespaceIndex<T> {
  readonly #entries = new Map<number, Entry<T>[]>();
  /** Events of one collection often follow each other. */
  #last: Entry<T> | undefined;

  add({ database, collection }: NamespaceName, value: T): void {
    const name = new TextEncoder().encode(`${database}\0${collection}`);
    const split = name.indexOf(0);
    const hash = hashOf(name, 0, split, split + 1, name.length);
    const others = this.#entries.get(hash) ?? [];
    const same = others.find((entry) => isName(entry.name, name, 0, split, split + 1, name.length));
    if (same !== undefined) same.values.push(value);
    else this.#entries.set(hash, [...others, { name, values: [value] }]);
  }

  /** What was added for the namespace that an event is of, by its `ns`. */
  ofEvent(bytes: Uint8Array, spans: EventSpans): readonly T[] {
    const { databaseStart, databaseEnd, collectionStart, collectionEnd } = spans;
    if (databaseStart < 0 || collectionStart < 0) return [];
    const isIt = (entry: Entry<T>) =>
      isName(entry.name, bytes, databaseStart, databaseEnd, collectionStart, collectionEnd);
    if (this.#last !== undefined && isIt(this.#last)) return this.#last.values;
    const hash = hashOf(bytes, databaseStart, databaseEnd, collectionStart, collectionEnd);
    this.#last = this.#entries.get(hash)?.find(isIt);
    return this.#last?.values ?? [];
  }

  /** The same of its `to`, what a collection is called after a rename. Events with one are few. */
  ofTarget(bytes: Uint8Array, { toStart, toType }: EventSpans): readonly T[] {
    if (toStart < 0 || toType !== DOCUMENT) return [];
    const to = BSON.deserialize(bytes.subarray(toStart), {
      allowObjectSmallerThanBufferSize: true,
    });
    const name = new TextEncoder().encode(`${to["db"]}\0${to["coll"]}`);
    const split = name.indexOf(0);
    const found = this.#entries.get(hashOf(name, 0, split, split + 1, name.length))
      ?.find((entry) => isName(entry.name, name, 0, split, split + 1, name.length));
    return found?.values ?? [];
  }
}

/** FNV-1a over both parts, in 32 bits. */
function hashOf(bytes: Uint8Array, start: number, end: number, start2: number, end2: number) {
  let hash = 0x811c9dc5 | 0;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  hash = Math.imul(hash ^ 0, 0x01000193);
  for (let i = start2; i < end2; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash;
}

function isName(
  name: Uint8Array,
  bytes: Uint8Array,
  start: number,
  end: number,
  start2: number,
  end2: number,
): boolean {
  const split = end - start;
  if (name.length !== split + 1 + end2 - start2 || name[split] !== 0) return false;
  // Names differ at their ends.
  for (let i = end2 - 1, at = name.length - 1; i >= start2; i--, at--) {
    if (name[at] !== bytes[i]) return false;
  }
  for (let i = 0; i < split; i++) if (name[i] !== bytes[start + i]) return false;
  return true;
}
