/** What stands for everything beyond a limit. */
export const OTHER = "_other";

/**
 * Lets the first `valuesMax` different texts through and gives `_other` for all later ones, so that what users call
 * their collections can not make a metric grow for ever.
 */
export class LabelLimit {
  readonly #valuesMax: number;
  readonly #known = new Set<string>();

  constructor(valuesMax: number) {
    this.#valuesMax = valuesMax;
  }

  /** Whether the value keeps its name. */
  admits(value: string): boolean {
    if (this.#known.has(value)) return true;
    if (this.#known.size >= this.#valuesMax) return false;
    this.#known.add(value);
    return true;
  }
}
