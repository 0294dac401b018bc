/**
 * Has buffers collected soon after they are dead.
 *
 * The bytes of a buffer lie outside of V8's heap. V8 frees those that died young when it clears its young generation, in
 * less than a millisecond; but it does so when the heap is full of small objects, and a program that handles large
 * buffers makes few of these. Otherwise it waits until 64 MB of them are there and then looks through everything.
 *
 * Some live just long enough to be taken for old. So everything is looked through now and then, which takes some tens of
 * milliseconds: at the rate of one in seven seconds at full load, nothing that would show.
 */
export class DeadBuffers {
  readonly #bytesMax: number;
  readonly #collector: Collector;
  #bytes = 0;
  #bytesSinceAll = 0;

  /** The collector is called when buffers of more than `bytesMax` may have died since the last time. */
  constructor(bytesMax: number, collector: Collector = v8Collector()) {
    this.#bytesMax = bytesMax;
    this.#collector = collector;
  }

  /** Notes that buffers of so many bytes are in use no more, or will not be soon. */
  note(bytes: number): void {
    this.#bytes += bytes;
    this.#bytesSinceAll += bytes;
    if (this.#bytes < this.#bytesMax) return;
    this.#bytes = 0;
    if (this.#bytesSinceAll < ALL_BYTES_MAX) return this.#collector.young();
    this.#bytesSinceAll = 0;
    this.#collector.all();
  }
}

/** After so many bytes of buffers everything is looked through. */
export const ALL_BYTES_MAX = 512 * 1024 * 1024;

/** Throws away what is not used any more: of what is new, or of everything. */
export interface Collector {
  young(): void;
  all(): void;
}

/** What the flag `--expose-gc` of V8 adds to the global scope. */
type Collect = (options: { readonly type: "minor" | "major" }) => void;

/** V8's own; does nothing where the program was started without the flag. */
export function v8Collector(scope: { readonly gc?: Collect } = globalThis as object): Collector {
  const { gc } = scope;
  return {
    young: () => gc?.({ type: "minor" }),
    all: () => gc?.({ type: "major" }),
  };
}
