import { ByteSink } from "../byte_sink.ts";
import { EventSpans, readEventSpans } from "./event_spans.ts";
import { MalformedBsonError } from "../malformed_bson_error.ts";
import { documentEnd, elementSize, nameEnd } from "../skip.ts";

/**
 * Puts an event together that `$changeStreamSplitLargeEvent` has split: the `_id` of the last fragment, which is the
 * position after the event, then the other fields in the order of the fragments, without `splitEvent`.
 *
 * @throws {RangeError} if the fragments are not 1 to `splitEvent.of`, in order.
 * @throws {MalformedBsonError} if one is not an event, or not one whole document.
 */
export function mergeSplitEvent(fragments: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let totalBytes = 0;
  for (const [index, fragment] of fragments.entries()) {
    checkFragment(fragment, index, fragments.length);
    totalBytes += fragment.length;
  }
  const lastFragment = fragments.at(-1);
  if (lastFragment === undefined) throw new RangeError("Cannot merge a split event: no fragments");
  const out = new ByteSink(totalBytes);
  out.length = 4;
  copyElements(lastFragment, out, "id");
  for (const fragment of fragments) copyElements(fragment, out, "others");
  out.writeByte(0);
  const merged = out.take();
  new DataView(merged.buffer).setInt32(0, merged.length, true);
  return merged;
}

function checkFragment(fragment: Uint8Array, index: number, count: number): void {
  const spans = new EventSpans();
  readEventSpans(fragment, 0, spans);
  if (spans.end !== fragment.length) {
    throw new MalformedBsonError("fragment is longer than its document", spans.end);
  }
  if (spans.splitFragment !== index + 1 || spans.splitOf !== count) {
    throw new RangeError(
      `Cannot merge a split event: fragment ${index + 1} of ${count} says that it is ` +
        `${spans.splitFragment} of ${spans.splitOf}`,
    );
  }
}

function copyElements(fragment: Uint8Array, out: ByteSink, which: "id" | "others"): void {
  const last = documentEnd(fragment, 0, fragment.length) - 1;
  let at = 4;
  while (at < last) {
    const start = at;
    const name = at + 1;
    const value = nameEnd(fragment, name, last) + 1;
    at = value + elementSize(fragment, fragment[start]!, value, last);
    const isId = isName(fragment, name, value, "_id");
    const wanted = which === "id" ? isId : !isId && !isName(fragment, name, value, "splitEvent");
    if (wanted) out.writeBytes(fragment, start, at);
  }
}

/** Whether the name in `bytes[start, end)`, its NUL counted, is `name`. */
function isName(bytes: Uint8Array, start: number, end: number, name: string): boolean {
  if (end - start - 1 !== name.length) return false;
  for (let i = 0; i < name.length; i++) {
    if (bytes[start + i] !== name.charCodeAt(i)) return false;
  }
  return true;
}
