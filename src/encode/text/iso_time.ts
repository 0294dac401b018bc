import type { ByteSink } from "../../bson/byte_sink.ts";
import { isoTime } from "../../support/clock.ts";

const SECOND_MS = 1000;
/** 0000-01-01 and 9999-12-31, between which the short form with four digits of year holds. */
const SHORT_MS_MIN = -62_167_219_200_000;
const SHORT_MS_MAX = 253_402_300_799_999;
const ZERO = 0x30;
/** Where the milliseconds stand in `2026-11-20T17:03:09.123Z`. */
const FRACTION_AT = 20;

/**
 * Writes times as ISO 8601 in UTC with milliseconds, always with `Z`.
 *
 * Consecutive events mostly share their second, so its text is kept. Years outside 0 to 9999 get the standard's
 * extended form (`+010000-...`).
 *
 * @throws {RangeError} for times no calendar of JavaScript reaches (over 8.64e15 ms from 1970).
 */
export class IsoTimeWriter {
  readonly #text = new Uint8Array(24);
  #second = NaN;

  write(timeMs: number, out: ByteSink): void {
    if (!(timeMs >= SHORT_MS_MIN && timeMs <= SHORT_MS_MAX)) {
      out.writeAscii(isoTime(timeMs));
      return;
    }
    const second = Math.floor(timeMs / SECOND_MS);
    if (second !== this.#second) this.#formatSecond(second);
    const fraction = timeMs - second * SECOND_MS;
    this.#text[FRACTION_AT] = ZERO + Math.trunc(fraction / 100);
    this.#text[FRACTION_AT + 1] = ZERO + Math.trunc(fraction / 10) % 10;
    this.#text[FRACTION_AT + 2] = ZERO + fraction % 10;
    out.writeBytes(this.#text, 0, this.#text.length);
  }

  #formatSecond(second: number): void {
    const text = isoTime(second * SECOND_MS);
    for (let i = 0; i < this.#text.length; i++) this.#text[i] = text.charCodeAt(i);
    this.#second = second;
  }
}
