import type { ByteSink } from "../../bson/byte_sink.ts";
import { writeZigZag } from "../avro/varint.ts";

/** Types of Thrift's compact protocol. */
export const INT32 = 5;
const INT64 = 6;
export const BINARY = 8;
const LIST = 9;
export const STRUCT = 12;
const TRUE = 1;
const FALSE = 2;
const STOP = 0;

/** Longer lists have their length behind the first byte. */
const SHORT_LIST_MAX = 14;

/**
 * Writes structs in Thrift's compact protocol, their fields in the order of their numbers.
 *
 * The library that knows the protocol finds out number and type of each field from an object made for it; in a small
 * Parquet object that took as long as fifty rows.
 */
export class CompactWriter {
  readonly #out: ByteSink;
  readonly #outer: number[] = [];
  #last: number;

  /** `last`: the field that has been written already. */
  constructor(out: ByteSink, last = 0) {
    this.#out = out;
    this.#last = last;
  }

  int32(field: number, value: number): void {
    this.#begin(field, INT32);
    writeZigZag(value, this.#out);
  }

  /** Of a value that a number holds exactly. */
  int64(field: number, value: number | bigint): void {
    this.#begin(field, INT64);
    writeZigZag(Number(value), this.#out);
  }

  bool(field: number, value: boolean): void {
    this.#begin(field, value ? TRUE : FALSE);
  }

  bytes(field: number, value: Uint8Array): void {
    this.#begin(field, BINARY);
    this.#writeLength(value.length);
    this.#out.writeBytes(value, 0, value.length);
  }

  ascii(field: number, value: string): void {
    this.#begin(field, BINARY);
    this.asciiElement(value);
  }

  /** Begins a struct that is the value of a field; `end` ends it. */
  begin(field: number): void {
    this.#begin(field, STRUCT);
    this.beginElement();
  }

  /** Begins a struct that is an element of a list. */
  beginElement(): void {
    this.#outer.push(this.#last);
    this.#last = 0;
  }

  /** Ends a struct; the outermost one has no beginning. */
  end(): void {
    this.#out.writeByte(STOP);
    this.#last = this.#outer.pop() ?? 0;
  }

  /** Begins a list, whose elements follow. */
  list(field: number, type: typeof INT32 | typeof BINARY | typeof STRUCT, count: number): void {
    this.#begin(field, LIST);
    // Of an empty one nobody asks the type; the library writes none.
    if (count === 0) return this.#out.writeByte(0);
    if (count <= SHORT_LIST_MAX) return this.#out.writeByte(count << 4 | type);
    this.#out.writeByte(0xf0 | type);
    this.#writeLength(count);
  }

  int32Element(value: number): void {
    writeZigZag(value, this.#out);
  }

  asciiElement(value: string): void {
    this.#writeLength(value.length);
    this.#out.writeAscii(value);
  }

  #begin(field: number, type: number): void {
    this.#out.writeByte((field - this.#last) << 4 | type);
    this.#last = field;
  }

  #writeLength(length: number): void {
    let rest = length;
    while (rest > 0x7f) {
      this.#out.writeByte(rest & 0x7f | 0x80);
      rest >>>= 7;
    }
    this.#out.writeByte(rest);
  }
}
