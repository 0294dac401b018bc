/**
 * Which fields are to be removed from a document, as paths of names: `password`, `customer.email`.
 *
 * A place in a document is a set of paths that are still to be followed from there. Sets are made once and found again,
 * so a walk through a document makes no objects.
 */
export class Redaction {
  /** Names in UTF-8, each with what is to be removed below it, or that all of it is. */
  readonly #names: readonly Uint8Array[];
  readonly #below: readonly (Redaction | "all")[];
  readonly #sets: Sets;
  readonly #paths: readonly Path[];
  readonly #unions = new Map<Redaction, Redaction>();
  /** Which bytes names begin with: nearly every field of a document is done with here. */
  readonly #firstBytes = new Uint8Array(256);
  /** Whether a name is a number, which may be an index. */
  readonly hasIndexes: boolean;

  private constructor(paths: readonly Path[], sets: Sets) {
    this.#paths = paths;
    this.#sets = sets;
    const names = [...new Set(paths.map((path) => path[0]!))];
    this.#names = names.map((name) => new TextEncoder().encode(name));
    this.#below = names.map((name) => {
      const rests = paths.filter((path) => path[0] === name).map((path) => path.slice(1));
      return rests.some((rest) => rest.length === 0) ? "all" : Redaction.#of(rests, sets);
    });
    for (const name of this.#names) this.#firstBytes[name[0]!] = 1;
    this.hasIndexes = this.#names.some((name) => isNumber(name, 0, name.length));
  }

  /** The set of these dotted paths, at least one. */
  static from(paths: readonly string[]): Redaction {
    return Redaction.#of(paths.map((path) => path.split(".")), new Map());
  }

  static #of(paths: readonly Path[], sets: Sets): Redaction {
    const texts = [...new Set(paths.map((path) => path.join(".")))].sort();
    const key = texts.join("\0");
    let found = sets.get(key);
    if (found === undefined) {
      found = new Redaction(texts.map((text) => text.split(".")), sets);
      sets.set(key, found);
    }
    return found;
  }

  /** What is to be removed below the field whose name is `bytes[start, end)`; undefined where nothing is. */
  below(bytes: Uint8Array, start: number, end: number): Redaction | "all" | undefined {
    const names = this.#names;
    for (let i = 0; i < names.length; i++) {
      if (isText(bytes, start, end, names[i]!)) return this.#below[i];
    }
    return undefined;
  }

  /** The paths of both. */
  and(other: Redaction): Redaction {
    if (other === this) return this;
    let union = this.#unions.get(other);
    if (union === undefined) {
      union = Redaction.#of([...this.#paths, ...other.#paths], this.#sets);
      this.#unions.set(other, union);
    }
    return union;
  }

  /**
   * As `below`, for a name that may be a path itself, as those in update descriptions are: `items.0.price`. A number that
   * is not its first part may be an index, and a path passes over indexes.
   */
  belowPath(bytes: Uint8Array, start: number, end: number): Redaction | "all" | undefined {
    // A path begins as its first name does.
    if (this.#firstBytes[bytes[start]!] === 0) return undefined;
    return follow(this, bytes, start, end);
  }
}

function follow(
  from: Redaction,
  bytes: Uint8Array,
  start: number,
  end: number,
): Redaction | "all" | undefined {
  let here = from;
  for (let at = start;;) {
    let stop = at;
    while (stop < end && bytes[stop] !== DOT) stop++;
    let next = here.below(bytes, at, stop);
    if (next === "all") return next;
    if (at > start && isNumber(bytes, at, stop)) {
      next = next === undefined ? here : next.and(here);
    }
    if (next === undefined || stop >= end) return next;
    here = next;
    at = stop + 1;
  }
}

type Path = readonly string[];
type Sets = Map<string, Redaction>;

const DOT = 0x2e;

function isText(bytes: Uint8Array, start: number, end: number, text: Uint8Array): boolean {
  if (end - start !== text.length) return false;
  for (let i = 0; i < text.length; i++) {
    if (bytes[start + i] !== text[i]) return false;
  }
  return true;
}

function isNumber(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    if (bytes[i]! < 0x30 || bytes[i]! > 0x39) return false;
  }
  return end > start;
}
