/** Each try costs a start from the journal: six of them lead from the usual chunk to a single document. */
const SHRINK = 8;

/** Why a document is a dead letter. */
export const ENCODER_DIED = "the encoder died on this document";

/** A chunk on which an encoder died. */
export interface CrashedChunk {
  readonly rows: number;
  /** Where its first document stands, in which piece. */
  readonly firstPlace?: string;
}

/**
 * What is remembered between the runs of a range about a chunk on which an encoder died, as `Suspicion` of a stream. The next
 * run reads at another time, so a document is known by its `_id` and not by its row's token.
 */
export class RangeSuspicion {
  readonly #alone = new Set<string>();
  #rowsLeft = 0;
  #rowsMax = Number.MAX_SAFE_INTEGER;

  /** The largest chunk that may begin now. */
  get rowsMax(): number {
    return this.#rowsLeft > 0 ? this.#rowsMax : Number.MAX_SAFE_INTEGER;
  }

  /** Whether an encoder died on this document all by itself. */
  isAlone(place: string): boolean {
    return this.#alone.has(place);
  }

  crashed({ rows, firstPlace }: CrashedChunk): void {
    if (rows === 1 && firstPlace !== undefined) this.#alone.add(firstPlace);
    this.#rowsLeft = rows;
    this.#rowsMax = Math.max(1, Math.floor(rows / SHRINK));
  }

  /** Notes that so many documents were handed on. */
  passed(rows: number): void {
    this.#rowsLeft = Math.max(0, this.#rowsLeft - rows);
  }
}
