/** Above this, indexes no longer fit the small integers that keep the writing loops fast. */
export const BYTE_SINK_BYTES_MAX = 0x7fffffff;

/**
 * A growable output buffer.
 *
 * `bytes`, `view` (of the same memory) and `length` are open to writers in hot loops: call `ensure`, read `bytes` or
 * `view` after it (growing replaces both), write at `length` and put the new length back. What lies beyond `length` is
 * garbage.
 */
export class ByteSink {
  bytes: Uint8Array<ArrayBuffer>;
  view: DataView<ArrayBuffer>;
  /** How many bytes have been written. */
  length = 0;

  constructor(initialBytes: number) {
    this.bytes = new Uint8Array(initialBytes);
    this.view = new DataView(this.bytes.buffer);
  }

  /**
   * Makes room for `extraBytes` more after `length`.
   *
   * @throws {RangeError} if the sink would be larger than `BYTE_SINK_BYTES_MAX`.
   */
  ensure(extraBytes: number): void {
    if (this.length + extraBytes > this.bytes.length) this.#grow(this.length + extraBytes);
  }

  /** Writes one byte. */
  writeByte(byte: number): void {
    if (this.length >= this.bytes.length) this.#grow(this.length + 1);
    this.bytes[this.length++] = byte;
  }

  /** Writes a text that is known to be ASCII; other characters would come out wrong. */
  writeAscii(text: string): void {
    const count = text.length;
    this.ensure(count);
    const bytes = this.bytes;
    let at = this.length;
    for (let i = 0; i < count; i++) bytes[at++] = text.charCodeAt(i);
    this.length = at;
  }

  /** Writes any text as UTF-8; lone surrogates become U+FFFD. Slower than `writeAscii` for short texts. */
  writeUtf8(text: string): void {
    this.ensure(text.length * 3);
    this.length += ENCODER.encodeInto(text, this.bytes.subarray(this.length)).written;
  }

  /** Writes `source[start, end)`. */
  writeBytes(source: Uint8Array, start: number, end: number): void {
    const count = end - start;
    this.ensure(count);
    if (count > LOOP_BYTES_MAX) {
      this.bytes.set(source.subarray(start, end), this.length);
      this.length += count;
      return;
    }
    const bytes = this.bytes;
    let at = this.length;
    for (let i = start; i < end; i++) bytes[at++] = source[i]!;
    this.length = at;
  }

  /** Writes `source[start, end)` of another sink, four bytes at once. */
  writeFrom(source: ByteSink, start: number, end: number): void {
    this.ensure(end - start);
    const { bytes, view } = this;
    let length = this.length;
    let at = start;
    for (; at + 4 <= end; at += 4, length += 4) {
      view.setInt32(length, source.view.getInt32(at, true), true);
    }
    for (; at < end; at++) bytes[length++] = source.bytes[at]!;
    this.length = length;
  }

  /** Writes the same byte so many times. */
  writeRun(byte: number, count: number): void {
    this.ensure(count);
    this.bytes.fill(byte, this.length, this.length + count);
    this.length += count;
  }

  /** A copy of what has been written; the sink stays as it is. */
  take(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.length);
  }

  /** What has been written, alone in its buffer; the sink is empty and holds no memory then. */
  release(): Uint8Array<ArrayBuffer> {
    const written = new Uint8Array(this.bytes.buffer.transfer(this.length));
    this.#hold(new ArrayBuffer(0));
    this.length = 0;
    return written;
  }

  /** Forgets what has been written and gives the memory back, without waiting for the collector. */
  free(): void {
    this.length = 0;
    this.release();
  }

  /** Forgets what has been written and keeps the memory. */
  reset(): void {
    this.length = 0;
  }

  #grow(needBytes: number): void {
    if (needBytes > BYTE_SINK_BYTES_MAX) {
      throw new RangeError(
        `Cannot grow an output buffer to ${needBytes} bytes: the limit is ${BYTE_SINK_BYTES_MAX}`,
      );
    }
    const doubled = Math.max(needBytes, this.bytes.length * 2, SMALLEST_BYTES);
    // The old buffer is free at once: the collector would find it much later.
    this.#hold(this.bytes.buffer.transfer(Math.min(doubled, BYTE_SINK_BYTES_MAX)));
  }

  #hold(buffer: ArrayBuffer): void {
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
  }
}

const ENCODER = new TextEncoder();

/** Up to here a loop beats the call of `set` with its view. */
const LOOP_BYTES_MAX = 64;

const SMALLEST_BYTES = 64;
