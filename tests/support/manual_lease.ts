import { FencedError } from "../../src/model/errors.ts";
import type { Lease } from "../../src/pipeline/ports.ts";

/** A lease whose end is decided by the test. */
export class ManualLease implements Lease {
  readonly owner: string;
  readonly generation: number;
  readonly #lost = new AbortController();
  #isPastDeadline = false;

  constructor(owner: string, generation = 1) {
    this.owner = owner;
    this.generation = generation;
  }

  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  isValid(): boolean {
    return !this.#isPastDeadline && !this.#lost.signal.aborted;
  }

  /** The deadline has passed, and nobody has noticed yet. */
  passDeadline(): void {
    this.#isPastDeadline = true;
  }

  /** The holder is told that the lease is over. */
  lose(): void {
    this.#isPastDeadline = true;
    this.#lost.abort(new FencedError(`The lease of ${this.owner} has ended`));
  }
}
