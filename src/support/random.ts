import { randomBytes, randomUUID } from "node:crypto";

/** Randomness as the program sees it; a simulation gives a seeded one. */
export interface Random {
  /** Uniform in [0, 1). */
  fraction(): number;
  /** That many random hexadecimal digits, lower case. */
  hex(digits: number): string;
  uuid(): string;
}

/** The platform's randomness. */
export const systemRandom: Random = {
  fraction: () => Math.random(),
  hex: (digits) => randomBytes(Math.ceil(digits / 2)).toString("hex").slice(0, digits),
  uuid: () => randomUUID(),
};
