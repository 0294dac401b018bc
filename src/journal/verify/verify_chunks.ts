import type { BatchRecord, Chunk, EmptiedRecord } from "../../model/record.ts";
import type { NamedObject } from "./verify_object.ts";

/** A chunk is emptied a few records later, if at all. */
const CHUNKS_KEPT_MAX = 1000;

/** Follows the chunks of a range: those that were emptied are to be repeated, all of them. */
export class ChunkFollower {
  readonly #chunks = new Map<number, Chunk>();
  /** Emptied and not repeated: their number, and where what is missing of them begins. */
  readonly #open = new Map<number, Chunk>();

  /** What is missing, in words. */
  get open(): { readonly seq: number; readonly what: string }[] {
    return [...this.#open.keys()].map((seq) => ({
      seq,
      what: "its documents were to be read again, and were not",
    }));
  }

  visit({ seq, chunk }: BatchRecord): void {
    if (chunk === undefined) return;
    this.#chunks.set(seq, chunk);
    this.#chunks.delete(seq - CHUNKS_KEPT_MAX);
    const hole = chunk.repeats === undefined ? undefined : this.#open.get(chunk.repeats);
    if (hole === undefined) return;
    if (chunk.superseded || chunk.to === hole.to) this.#open.delete(chunk.repeats!);
  }

  /** What lies under the keys of these chunks is empty, and as it should be. */
  emptied({ chunks }: EmptiedRecord, wrong: Map<string, { readonly object: NamedObject }>): void {
    for (const [key, { object }] of wrong) {
      if (chunks.includes(object.seq)) wrong.delete(key);
    }
    for (const seq of chunks) {
      const chunk = this.#chunks.get(seq);
      if (chunk !== undefined) this.#open.set(seq, chunk);
    }
  }
}
