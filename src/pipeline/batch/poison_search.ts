import { comparePositions, type Position } from "../../model/position.ts";
import type { CrashedBatch } from "./batch_writer.ts";

/** Each try costs a start from the journal: six of them lead from the usual batch to a single event. */
const SHRINK = 8;

/**
 * What is remembered between the runs of a stream about a batch on which an encoder died: one of its events may be the
 * reason. Batches before its end are cut to an eighth at each further crash; an event that is alone in the end becomes a dead
 * letter.
 */
export class Suspicion {
  readonly #setAside = new Map<string, string>();
  #until: Position | undefined;
  #rowsMax = Number.MAX_SAFE_INTEGER;

  /** Tokens of events that killed an encoder all by themselves, with the reason for the dead letters. */
  get setAside(): ReadonlyMap<string, string> {
    return this.#setAside;
  }

  /** The largest batch that may begin at this position. */
  rowsMax(from: Position): number {
    const suspected = this.#until !== undefined && comparePositions(from, this.#until) < 0;
    return suspected ? this.#rowsMax : Number.MAX_SAFE_INTEGER;
  }

  /** Notes that an encoder died on this batch. */
  crashed({ to, rows, firstToken }: CrashedBatch): void {
    if (rows === 1) this.#setAside.set(firstToken, "the encoder died on this event");
    this.#until = to;
    this.#rowsMax = Math.max(1, Math.floor(rows / SHRINK));
  }

  /** Notes that everything up to here is stored. */
  passed(position: Position): void {
    if (this.#until === undefined || comparePositions(position, this.#until) < 0) return;
    this.#until = undefined;
    this.#setAside.clear();
  }
}
