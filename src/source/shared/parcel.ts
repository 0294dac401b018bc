import { ByteSink } from "../../bson/byte_sink.ts";

/** Consecutive events of one stream that wait to be taken. */
export interface Parcel {
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
}

const BYTES_FIRST = 4 * 1024;
const ROWS_FIRST = 16;

/** A parcel that is handed over when it has grown to so many bytes: what comes is put into another one. */
export const PARCEL_BYTES_MAX = 512 * 1024;

/** A parcel while events are copied into it. */
export class ParcelBuilder {
  readonly #sink = new ByteSink(BYTES_FIRST);
  #starts = new Uint32Array(ROWS_FIRST);
  #rows = 0;

  get bytes(): number {
    return this.#sink.length;
  }

  /** Copies the event `source[start, end)`. */
  add(source: Uint8Array, start: number, end: number): void {
    if (this.#rows === this.#starts.length) {
      this.#starts = new Uint32Array(this.#starts.buffer.transfer(this.#starts.byteLength * 2));
    }
    this.#starts[this.#rows++] = this.#sink.length;
    this.#sink.writeBytes(source, start, end);
  }

  /** What was added; the builder is of no use afterwards. */
  finish(): Parcel {
    return {
      bytes: this.#sink.bytes.subarray(0, this.#sink.length),
      starts: this.#starts.subarray(0, this.#rows),
    };
  }
}

/** The first `rows` events and the rest, in the same memory. */
export function splitParcel({ bytes, starts }: Parcel, rows: number): readonly [Parcel, Parcel] {
  const end = starts[rows]!;
  const rest = starts.slice(rows).map((start) => start - end);
  return [
    { bytes: bytes.subarray(0, end), starts: starts.subarray(0, rows) },
    { bytes: bytes.subarray(end), starts: rest },
  ];
}
