/**
 * Bytes of a memory budget that somebody holds. It is handed on with what it was taken for (a reply, a batch), and whoever
 * has it last releases it; so nobody counts, and nothing is given back twice.
 */
export class Reservation {
  readonly #change: (bytes: number) => void;
  #bytes: number;
  #isReleased = false;

  /** `change` tells the budget that so many bytes more (or, negative, fewer) are held; the first ones it knows. */
  constructor(bytes: number, change: (bytes: number) => void) {
    this.#bytes = bytes;
    this.#change = change;
  }

  /** What it holds now; 0 once it is released. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Holds so many bytes from now on, without waiting for more. */
  resize(bytes: number): void {
    if (this.#isReleased) {
      throw new Error(`Cannot hold ${bytes} bytes in a reservation that was released`);
    }
    const more = bytes - this.#bytes;
    this.#bytes = bytes;
    if (more !== 0) this.#change(more);
  }

  /** Gives everything back, once: whoever comes later changes nothing. */
  release(): void {
    if (this.#isReleased) return;
    this.resize(0);
    this.#isReleased = true;
  }
}
