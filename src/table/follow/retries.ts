/** So many turns lie between two tries at most: for each all journals are read anew. */
const TURNS_MAX = 64;

/** When a table that was stopped by what may pass is tried again: ever less often. */
export class Retries {
  /** Between the last try and the next one. */
  #turns = 0;
  #left = 0;

  failed(): void {
    this.#turns = Math.min(TURNS_MAX, Math.max(1, this.#turns * 2));
    this.#left = this.#turns;
  }

  succeeded(): void {
    this.#turns = 0;
    this.#left = 0;
  }

  /** To be asked once a turn. */
  isDue(): boolean {
    return --this.#left <= 0;
  }
}
