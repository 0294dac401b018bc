import type { Clock } from "../../src/support/clock.ts";

/**
 * What happened, line by line. Lines are kept only where somebody wants to read them; the digest always tells whether two
 * runs were the same.
 */
export class EventLog {
  readonly #clock: Clock;
  readonly #print: ((line: string) => void) | undefined;
  #digest = 0x811c9dc5;
  #count = 0;

  constructor(clock: Clock, print?: (line: string) => void) {
    this.#clock = clock;
    this.#print = print;
  }

  add(who: string, what: string): void {
    const line = `${this.#clock.monotonicMs().toFixed(3)} ${who} ${what}`;
    // FNV-1a over UTF-16 units: it need not resist anybody.
    let hash = this.#digest;
    for (let i = 0; i < line.length; i++) {
      hash = Math.imul(hash ^ line.charCodeAt(i), 0x01000193);
    }
    this.#digest = hash;
    this.#count++;
    this.#print?.(line);
  }

  /** The same for the same lines. */
  get digest(): string {
    return `${this.#count}:${(this.#digest >>> 0).toString(16)}`;
  }
}
