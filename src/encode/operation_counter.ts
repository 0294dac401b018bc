import type { EventSpans } from "../bson/event/event_spans.ts";

interface Count {
  readonly operation: string;
  readonly code: number;
  rows: number;
}

const decoder = new TextDecoder();

/**
 * Counts events by operation without making a text of each: length and first letter tell all operations of MongoDB
 * apart, and nearly always it is the operation of the event before.
 */
export class OperationCounter {
  readonly #counts: Count[] = [];
  #last: Count = { operation: "", code: -1, rows: 0 };

  add(bytes: Uint8Array, { operationStart, operationEnd }: EventSpans): void {
    const code = (operationEnd - operationStart) * 256 + bytes[operationStart]!;
    if (code !== this.#last.code) {
      this.#last = this.#countOf(code, bytes, operationStart, operationEnd);
    }
    this.#last.rows++;
  }

  /** How many of each were added, in the order they first came. */
  byOperation(): Record<string, number> {
    return Object.fromEntries(this.#counts.map(({ operation, rows }) => [operation, rows]));
  }

  #countOf(code: number, bytes: Uint8Array, start: number, end: number): Count {
    const known = this.#counts.find((count) => count.code === code);
    if (known !== undefined) return known;
    const count = { operation: decoder.decode(bytes.subarray(start, end)), code, rows: 0 };
    this.#counts.push(count);
    return count;
  }
}
