import type { Random } from "../../src/support/random.ts";

/** Randomness that is the same for the same seed. */
export class SeededRandom implements Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  fraction(): number {
    return this.#next() / 2 ** 32;
  }

  hex(digits: number): string {
    let out = "";
    while (out.length < digits) out += this.#next().toString(16).padStart(8, "0");
    return out.slice(0, digits);
  }

  uuid(): string {
    const hex = this.hex(32);
    return [[0, 8], [8, 12], [12, 16], [16, 20], [20, 32]].map(([a, b]) => hex.slice(a, b)).join(
      "-",
    );
  }

  /** A whole number from 0 to before `end`. */
  below(end: number): number {
    return Math.floor(this.fraction() * end);
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** splitmix32: each step mixes a counter, so that neighbouring seeds have nothing in common. */
  #next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  }
}
