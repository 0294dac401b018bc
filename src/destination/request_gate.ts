/** Lets a limited number of requests through at a time; the others wait in order. */
export class RequestGate {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(requestsMax: number) {
    this.#free = requestsMax;
  }

  /** The request's outcome, once it had its turn. */
  async run<T>(request: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await request();
    } finally {
      // The turn is handed over, so that nobody overtakes who waits.
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}
