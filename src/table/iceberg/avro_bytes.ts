const FIRST_BYTES = 1024;

/** Reads what Avro calls binary encoding. A number of 64 bits is a `bigint`. Throws `RangeError` behind the end. */
export class AvroReader {
  static readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  long(): bigint {
    let [value, shift] = [0n, 0n];
    for (;;) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return (value >> 1n) ^ -(value & 1n);
      shift += 7n;
      if (shift > 63n) throw new RangeError("a number has too many bytes");
    }
  }

  int(): number {
    return Number(this.long());
  }

  byte(): number {
    return this.take(1)[0]!;
  }

  float(): number {
    return this.#view.getFloat32(this.#skip(4), true);
  }

  double(): number {
    return this.#view.getFloat64(this.#skip(8), true);
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.take(this.int()));
  }

  text(): string {
    return AvroReader.#decoder.decode(this.take(this.int()));
  }

  take(length: number): Uint8Array {
    const start = this.#skip(length);
    return this.#bytes.subarray(start, start + length);
  }

  #skip(length: number): number {
    const start = this.#at;
    if (!(length >= 0) || start + length > this.#bytes.length) {
      throw new RangeError("it ends too early");
    }
    this.#at = start + length;
    return start;
  }
}

/** Writes the same, but for what no file of ours has. */
export class AvroWriter {
  #bytes = new Uint8Array(FIRST_BYTES);
  #length = 0;

  long(value: bigint | number): void {
    const wide = BigInt.asIntN(64, BigInt(value));
    let left = BigInt.asUintN(64, (wide << 1n) ^ (wide >> 63n));
    for (; left >= 0x80n; left >>= 7n) this.byte(Number(left & 0x7fn) | 0x80);
    this.byte(Number(left));
  }

  byte(value: number): void {
    this.put(new Uint8Array([value]));
  }

  bytes(value: Uint8Array): void {
    this.long(value.length);
    this.put(value);
  }

  text(value: string): void {
    this.bytes(new TextEncoder().encode(value));
  }

  put(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(length, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = length;
  }

  take(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }
}
