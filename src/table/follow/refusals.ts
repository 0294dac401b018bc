/** Why objects of a collection can be in no table. */
export interface Refusal {
  readonly why: string;
  /** Where they lie, if a table could be there; else they lie where none can be. */
  readonly folder?: string;
}

/** By the names of collections; `objects`: of how many a record tells. */
export type Refused = ReadonlyMap<string, Refusal & { readonly objects: number }>;

/** By the names of collections, and then by streams. */
export type NotedRefusals = Readonly<Record<string, Readonly<Record<string, Refusal>>>>;

/** What is refused, by collections, and no longer of streams that put the objects of a collection into another folder since. */
export class Refusals {
  /** By the names of collections, and then by streams. */
  readonly #byName = new Map<string, Map<string, Refusal>>();

  constructor(noted: NotedRefusals = {}) {
    for (const [name, byStream] of Object.entries(noted)) {
      this.#byName.set(name, new Map(Object.entries(byStream)));
    }
  }

  /** What a later follower begins with. */
  get noted(): NotedRefusals {
    return Object.fromEntries(
      [...this.#byName].filter(([, byStream]) => byStream.size > 0)
        .map(([name, byStream]) => [name, Object.fromEntries(byStream)]),
    );
  }

  /** `stream`: empty where it is about none. */
  add(name: string, stream: string, refusal: Refusal): void {
    const known = this.#byName.get(name) ?? new Map<string, Refusal>();
    this.#byName.set(name, known.set(stream, refusal));
  }

  /** The stream has an object of the collection for the table in that folder. */
  noteTable(name: string, stream: string, folder: string): void {
    const known = this.#byName.get(name);
    if (known?.get(stream)?.folder !== folder) known?.delete(stream);
  }

  /** By collection. `isPast`: what a stream had is of before, and there is a table since. */
  reasons(isPast: (name: string, stream: string) => boolean): ReadonlyMap<string, string> {
    const reasons = new Map<string, string>();
    for (const [name, byStream] of this.#byName) {
      const counted = [...byStream].filter(([stream, { folder }]) =>
        folder !== undefined || !isPast(name, stream)
      );
      const last = counted.at(-1);
      if (last !== undefined) reasons.set(name, last[1].why);
    }
    return reasons;
  }

  /** Of objects that lie in a table's folder and cannot be in it. */
  reasonIn(folder: string): string | undefined {
    return [...this.#byName.values()].flatMap((byStream) => [...byStream.values()])
      .find((refusal) => refusal.folder === folder)?.why;
  }
}
