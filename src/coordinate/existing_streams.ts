import { rememberLast } from "../support/remember_last.ts";
import type { Member } from "./members.ts";

/** The streams that are to run, each time as `now` lists them: the same list is looked through once. */
export class ExistingStreams {
  readonly #now: () => readonly string[];
  readonly #keysOf = rememberLast((list: readonly string[]): ReadonlySet<string> => new Set(list));
  #unknown = "";

  constructor(now: () => readonly string[]) {
    this.#now = now;
  }

  get list(): readonly string[] {
    return this.#now();
  }

  get keys(): ReadonlySet<string> {
    return this.#keysOf(this.#now());
  }

  /** Whether others than `self` tell of streams that are not known here, and did not tell of the same before. */
  hasNews(members: readonly Member[], self: string): boolean {
    const { keys } = this;
    const unknown: string[] = [];
    for (const { owner, isLeaving, streams } of members) {
      if (owner !== self && !isLeaving) {
        unknown.push(...streams.filter((stream) => !keys.has(stream)));
      }
    }
    const before = this.#unknown;
    this.#unknown = unknown.sort().join("\n");
    return this.#unknown !== "" && this.#unknown !== before;
  }
}
