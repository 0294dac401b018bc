import { ByteSink } from "../bson/byte_sink.ts";
import { EventSpans, readEventSpans } from "../bson/event/event_spans.ts";
import { EventRedactor } from "../bson/redact/redact_event.ts";
import { Redaction } from "../bson/redact/redaction.ts";
import { PermanentError } from "../model/errors.ts";
import type { StreamSettings } from "../model/settings.ts";
import type { EventCursor, SourceReply } from "../pipeline/ports.ts";
import { writtenFields } from "./written_fields.ts";

/**
 * The cursor itself, or one whose events lack the fields that the settings name in `redact`. It stands where events come
 * in, so nothing behind it ever has them: no object, no dead letter, no message.
 */
export function redactedCursor(
  cursor: EventCursor,
  settings: Pick<StreamSettings, "redact" | "stages">,
): EventCursor {
  const redactor = redactorOf(settings);
  if (redactor === undefined) return cursor;
  return {
    next: async (rowsMax, ahead) => redactReply(await cursor.next(rowsMax, ahead), redactor),
    close: () => cursor.close(),
  };
}

/** What removes these fields; undefined where there are none. */
export function redactorOf(
  { redact, stages }: Pick<StreamSettings, "redact" | "stages">,
): EventRedactor | undefined {
  if (redact === undefined || redact.length === 0) return undefined;
  return new EventRedactor(Redaction.from(redact), writtenFields(stages));
}

/** The reply itself where nothing is to be removed; else one with bytes of its own, for nobody may change these. */
export function redactReply(reply: SourceReply, redactor: EventRedactor): SourceReply {
  const { bytes, starts } = reply;
  let out: ByteSink | undefined;
  let moved = starts;
  for (let i = 0; i < starts.length; i++) {
    const start = starts[i]!;
    const isChanged = redactor.read(bytes, start);
    if (redactor.isInKey) throw inKeyError(bytes, start);
    if (isChanged && out === undefined) {
      // Where nothing was changed before, events may lie apart from each other; they are put together now.
      out = new ByteSink(bytes.length);
      moved = new Uint32Array(starts.length);
      copyFirst(bytes, starts, i, moved, out);
    }
    if (out === undefined) continue;
    moved[i] = out.length;
    if (isChanged) redactor.write(out);
    else out.writeBytes(bytes, start, redactor.end);
  }
  return out === undefined ? reply : { ...reply, bytes: out.release(), starts: moved };
}

function copyFirst(
  bytes: Uint8Array,
  starts: Uint32Array,
  count: number,
  moved: Uint32Array,
  out: ByteSink,
): void {
  const lengths = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < count; i++) {
    moved[i] = out.length;
    out.writeBytes(bytes, starts[i]!, starts[i]! + lengths.getInt32(starts[i]!, true));
  }
}

/** A resume token holds the document key in a form that anybody can decode, and every row has one. */
function inKeyError(bytes: Uint8Array, start: number): PermanentError {
  const spans = new EventSpans();
  readEventSpans(bytes, start, spans);
  const text = (from: number, to: number) => new TextDecoder().decode(bytes.subarray(from, to));
  const { databaseStart, databaseEnd, collectionStart, collectionEnd } = spans;
  const name = databaseStart < 0 || collectionStart < 0
    ? "a collection"
    : `${text(databaseStart, databaseEnd)}.${text(collectionStart, collectionEnd)}`;
  return new PermanentError(
    `Cannot remove what REDACT names from the events of ${name}: a field of it is in the ` +
      "document key (the shard key), and so in every resume token; take it out of REDACT, or " +
      "leave the collection out",
  );
}
