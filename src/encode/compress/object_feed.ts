import { crc32 } from "node:zlib";
import { concatBytes } from "../../support/bytes/concat_bytes.ts";

/** Reads a part of one object, `[start, end)`; a negative start counts from the end. */
export type ReadObject = (start: number, end?: number) => Promise<Uint8Array<ArrayBuffer>>;

/** What is asked for and held at a time. */
export const FEED_PART_BYTES = 4 * 1024 * 1024;

/** The bytes of an object from its beginning to its end, a part at a time, and their checksum so far. */
export class ObjectFeed {
  readonly #read: ReadObject;
  readonly #size: number;
  #crc32 = 0;
  #asked = 0;
  /** Read, and not yet taken. */
  #rest: Uint8Array = new Uint8Array(0);

  /** `size`: how many bytes the object has. */
  constructor(read: ReadObject, size: number) {
    this.#read = read;
    this.#size = size;
  }

  /** CRC-32 of what was read, eight hex digits in lower case. */
  get crc32(): string {
    return this.#crc32.toString(16).padStart(8, "0");
  }

  /** The place of the next byte to be taken. */
  get at(): number {
    return this.#asked - this.#rest.length;
  }

  get left(): number {
    return this.#size - this.at;
  }

  /** The next bytes, as many as are at hand; undefined at the end. */
  async next(): Promise<Uint8Array | undefined> {
    const part = this.#rest.length > 0 ? this.#rest : await this.#readPart();
    this.#rest = new Uint8Array(0);
    return part.length === 0 ? undefined : part;
  }

  /** The next `count` bytes, or all that are left, without taking them. */
  async peek(count: number): Promise<Uint8Array> {
    while (this.#rest.length < count && this.#asked < this.#size) {
      const part = await this.#readPart();
      this.#rest = this.#rest.length === 0 ? part : concatBytes([this.#rest, part]);
    }
    return this.#rest.subarray(0, count);
  }

  /** Takes exactly `count` bytes. */
  async take(count: number): Promise<Uint8Array> {
    if (!(count >= 0 && count <= this.left)) throw new RangeError("it ends too early");
    const bytes = await this.peek(count);
    if (bytes.length < count) throw new RangeError("it ends too early");
    this.#rest = this.#rest.subarray(count);
    return bytes;
  }

  /** Reads what is left, for the checksum. */
  async drain(): Promise<void> {
    while (await this.next() !== undefined);
  }

  async #readPart(): Promise<Uint8Array> {
    const end = Math.min(this.#size, this.#asked + FEED_PART_BYTES);
    if (this.#asked >= end) return new Uint8Array(0);
    const part = await this.#read(this.#asked, end);
    this.#crc32 = crc32(part, this.#crc32);
    // A part that is short ends the object: whoever counts on more finds that out.
    this.#asked = part.length < end - this.#asked ? this.#size : end;
    return part;
  }
}
