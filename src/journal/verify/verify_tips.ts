import { errorMessage, PermanentError } from "../../model/errors.ts";
import type { JournalRecord } from "../../model/record.ts";
import type { LakeStore } from "../../pipeline/ports.ts";
import { extendTip, isTipDue, readTip, type Tip, tipDifferences } from "../tips.ts";

/** Follows a journal's records and compares them with the tips that were stored when they were new. */
export class TipFollower {
  readonly #store: Pick<LakeStore, "get">;
  readonly #streamKey: string;
  #tip: Tip | undefined;

  constructor(store: Pick<LakeStore, "get">, streamKey: string) {
    this.#store = store;
    this.#streamKey = streamKey;
  }

  /** What the tip behind the record contradicts; undefined where it agrees, or there is none. */
  async follow(record: JournalRecord, bytes: Uint8Array): Promise<string | undefined> {
    // The chain can be followed from the genesis, or from a stored tip, up to the first record that is missing.
    const isNext = record.seq === (this.#tip === undefined ? 0 : this.#tip.seq + 1);
    this.#tip = isNext ? extendTip(this.#tip, record, bytes) : undefined;
    if (!isTipDue(record.seq)) return undefined;
    try {
      const stored = await readTip(this.#store, this.#streamKey, record.seq);
      if (stored === undefined) return undefined;
      const known = this.#tip;
      this.#tip ??= stored;
      const fields = known === undefined ? [] : tipDifferences(known, stored);
      if (fields.length === 0) return undefined;
      return `records changed since its tip was written: ${fields.join(", ")} differ`;
    } catch (error) {
      if (error instanceof PermanentError) return errorMessage(error);
      throw error;
    }
  }
}
