import { concatBytes } from "../../support/bytes/concat_bytes.ts";

/** No row is so long: it holds an event, and its documents perhaps four times over. */
const LINE_BYTES_MAX = 256 * 1024 * 1024;

const LINE_FEED = 0x0a;
const QUOTE = 0x22;

/**
 * The lines of a text without their line feeds; `quotes`: a line feed inside quotes belongs to the line. Reports where
 * the text does not end with a line feed by a last, shorter line and `false`.
 *
 * @throws {RangeError} for a line that has no end.
 */
export async function* linesOf(
  parts: AsyncIterable<Uint8Array>,
  quotes: "quotes" | "plain",
): AsyncIterable<{ readonly line: Uint8Array; readonly ended: boolean }> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let isQuoted = false;
  for await (const part of parts) {
    let start = 0;
    for (let at = 0; at < part.length; at++) {
      if (quotes === "plain") {
        at = part.indexOf(LINE_FEED, at);
        if (at === -1) break;
      } else {
        const byte = part[at]!;
        if (byte === QUOTE) isQuoted = !isQuoted;
        if (byte !== LINE_FEED || isQuoted) continue;
      }
      const end = part.subarray(start, at);
      yield { line: held.length === 0 ? end : concatBytes([...held, end]), ended: true };
      [held, heldBytes, start] = [[], 0, at + 1];
    }
    // The part's memory is the caller's, who may use it again.
    if (start < part.length) held.push(part.slice(start));
    heldBytes += part.length - start;
    if (heldBytes > LINE_BYTES_MAX) throw new RangeError(`a line has no end`);
  }
  if (heldBytes > 0) yield { line: concatBytes(held), ended: false };
}
