import { createHash } from "node:crypto";

const SLOTS_FIRST = 1024;

/** Fuller, a table makes whoever looks walk far. */
const LOAD_MAX = 0.7;

/**
 * A set of texts of which only 64 bits of each are kept: a million cost 16 to 32 MB, where the texts themselves would be
 * hundreds. Two texts of a million share their bits once in thirty million sets.
 */
export class KeySet {
  #slots = new BigUint64Array(SLOTS_FIRST);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(key: string): void {
    if (this.#size >= this.#slots.length * LOAD_MAX) this.#grow();
    if (this.#put(fingerprint(key))) this.#size++;
  }

  has(key: string): boolean {
    const print = fingerprint(key);
    return this.#slots[this.#slotOf(print)] === print;
  }

  #put(print: bigint): boolean {
    const slot = this.#slotOf(print);
    if (this.#slots[slot] === print) return false;
    this.#slots[slot] = print;
    return true;
  }

  /** Where the fingerprint is, or the free slot it belongs into. */
  #slotOf(print: bigint): number {
    const mask = this.#slots.length - 1;
    let slot = Number(print & BigInt(mask));
    while (this.#slots[slot] !== 0n && this.#slots[slot] !== print) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new BigUint64Array(before.length * 2);
    for (const print of before) if (print !== 0n) this.#put(print);
  }
}

/** Zero means a free slot, so no text has it. */
function fingerprint(key: string): bigint {
  return createHash("sha1").update(key).digest().readBigUInt64LE() || 1n;
}
