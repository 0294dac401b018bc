/** A change of one place in the sources. */
export interface Change {
  /** Relative to the project. */
  readonly file: string;
  /** Text that the file has exactly once. */
  readonly from: string;
  readonly to: string;
}

/**
 * Ways to break the protocol. The simulation must notice each: what it does not notice, it does not protect. They are
 * applied to a copy (`deno task sim --mutations`), never here.
 */
export interface Mutation extends Change {
  readonly name: string;
  /** What must be broken as well, where two things protect from one fault. */
  readonly also?: readonly Change[];
  /** The first seed to try it with; default 1. A bug that was found by chance keeps the seed that finds it. */
  readonly firstSeed?: number;
}

/** All changes of a mutation. */
export function changesOf({ file, from, to, also = [] }: Mutation): readonly Change[] {
  return [{ file, from, to }, ...also];
}

/**
 * The text of a file with the change in it.
 *
 * @throws {Error} if the place to change is not there exactly once: the sources have moved on.
 */
export function applyChange({ file, from, to }: Change, text: string): string {
  const parts = text.split(from);
  if (parts.length === 2) return parts.join(to);
  throw new Error(`Cannot change ${file}: it has the text ${parts.length - 1} times: ${from}`);
}
