/**
 * Has buffers collected soon after they are dead.
 *
 * The bytes of a buffer lie outside of V8's heap. V8 frees those that died young when it clears its young generation, in
 * less than a millisecond; but it does so when the heap is full of small objects, and a program that handles large
 * buffers makes few of these. Otherwise it waits until 64 MB of them are there and then looks through everything.
 */
export class YoungGarbage {
  readonly #bytesMax: number;
  readonly #collect: () => void;
  #bytes = 0;

  /** `collect` is called when buffers of more than `bytesMax` may have died since the last time. */
  constructor(bytesMax: number, collect: () => void = youngCollector()) {
    this.#bytesMax = bytesMax;
    this.#collect = collect;
  }

  /** Notes that buffers of so many bytes are in use no more, or will not be soon. */
  note(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < this.#bytesMax) return;
    this.#bytes = 0;
    this.#collect();
  }
}

/** What the flag `--expose-gc` of V8 adds to the global scope. */
type Collect = (options: { readonly type: "minor" }) => void;

/** Clears the young generation; does nothing where the program was started without the flag. */
export function youngCollector(
  scope: { readonly gc?: Collect } = globalThis as object,
): () => void {
  const { gc } = scope;
  return gc === undefined ? () => {} : () => gc({ type: "minor" });
}
