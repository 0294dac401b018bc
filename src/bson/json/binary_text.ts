import type { ByteSink } from "../byte_sink.ts";

/** Writes `source[start, end)` in lower-case hexadecimal digits. */
export function writeHex(source: Uint8Array, start: number, end: number, out: ByteSink): void {
  out.ensure((end - start) * 2);
  const bytes = out.bytes;
  let length = out.length;
  for (let at = start; at < end; at++) {
    const byte = source[at]!;
    bytes[length++] = HEX[byte >> 4]!;
    bytes[length++] = HEX[byte & 0xf]!;
  }
  out.length = length;
}

/** Writes `source[start, end)` in base64 with padding (RFC 4648, section 4). */
export function writeBase64(source: Uint8Array, start: number, end: number, out: ByteSink): void {
  out.ensure(Math.ceil((end - start) / 3) * 4);
  const bytes = out.bytes;
  let length = out.length;
  let at = start;
  for (; at + 2 < end; at += 3) {
    const triple = (source[at]! << 16) | (source[at + 1]! << 8) | source[at + 2]!;
    bytes[length++] = BASE64[triple >> 18]!;
    bytes[length++] = BASE64[(triple >> 12) & 0x3f]!;
    bytes[length++] = BASE64[(triple >> 6) & 0x3f]!;
    bytes[length++] = BASE64[triple & 0x3f]!;
  }
  if (at < end) {
    const second = at + 1 < end ? source[at + 1]! : 0;
    const triple = (source[at]! << 16) | (second << 8);
    bytes[length++] = BASE64[triple >> 18]!;
    bytes[length++] = BASE64[(triple >> 12) & 0x3f]!;
    bytes[length++] = at + 1 < end ? BASE64[(triple >> 6) & 0x3f]! : PAD;
    bytes[length++] = PAD;
  }
  out.length = length;
}

const HEX = asciiBytes("0123456789abcdef");
const BASE64 = asciiBytes("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
const PAD = 0x3d;

function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}
