import type { CollectionStream } from "../../model/layout.ts";
import { targetKey } from "../../model/stream.ts";
import type { NamespaceName } from "../namespaces.ts";

/** Collections that a list shows, by target: the same map while each list shows the same. There may be thousands. */
export class ListedCollections {
  #last: ReadonlyMap<string, CollectionStream> = new Map();

  of(found: readonly NamespaceName[]): ReadonlyMap<string, CollectionStream> {
    if (!this.#isSame(found)) {
      this.#last = new Map(found.map(toStream).map((each) => [targetKey(each), each]));
    }
    return this.#last;
  }

  #isSame(found: readonly NamespaceName[]): boolean {
    if (found.length !== this.#last.size) return false;
    let i = 0;
    for (const { database, collection } of this.#last.values()) {
      const other = found[i++]!;
      if (other.database !== database || other.collection !== collection) return false;
    }
    return true;
  }
}

export function toStream({ database, collection }: NamespaceName): CollectionStream {
  return { level: "collection", database, collection };
}
