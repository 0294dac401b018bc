import { EventSpans, readEventSpans } from "../bson/event_spans.ts";
import { MalformedBsonError } from "../bson/malformed_bson_error.ts";
import type { EncodeRequest, EncodeResult, EventChunk, FailedEvent } from "../pipeline/stages.ts";
import { FORMATS } from "./formats.ts";
import type { ObjectWriter } from "./object_writer.ts";
import { OperationCounter } from "./operation_counter.ts";
import { rowFault } from "./row_fault.ts";
import type { Scratch } from "./scratch.ts";

/** An empty BSON document: its length and the closing zero. */
const DOCUMENT_BYTES_MIN = 5;

/**
 * Encodes the events of one object. Events that cannot be rows are left out and named in `failed`; whatever else is
 * thrown is a fault of the program. The answer's buffers are nobody else's. `taken` is called with each chunk that is
 * not looked at any more.
 */
export async function encodeEvents(
  request: EncodeRequest,
  scratch: Scratch,
  taken: (chunk: EventChunk) => void = () => {},
): Promise<Omit<EncodeResult, "encodeMs">> {
  const bytesExpected = request.chunks.reduce((sum, chunk) => sum + chunk.bytes.length, 0);
  const open = FORMATS[request.encoding.format].open;
  const writer = await open(request.encoding, scratch, bytesExpected);
  const failed: FailedEvent[] = [];
  const counter = new OperationCounter();
  let index = 0;
  for (const chunk of request.chunks) {
    addChunk(chunk, writer, counter, index, failed);
    index += chunk.starts.length;
    taken(chunk);
  }
  const rows = index - failed.length;
  return { bytes: writer.finish(), rows, operations: counter.byOperation(), failed };
}

function addChunk(
  chunk: EventChunk,
  writer: ObjectWriter,
  counter: OperationCounter,
  firstIndex: number,
  failed: FailedEvent[],
): void {
  const spans = new EventSpans();
  for (let i = 0; i < chunk.starts.length; i++) {
    const reason = addEvent(chunk.bytes, chunk.starts[i]!, spans, writer);
    if (reason === undefined) counter.add(chunk.bytes, spans);
    else failed.push({ index: firstIndex + i, event: copyOfEvent(chunk, i), reason });
  }
}

/** Why the event is not in the object, or undefined if it is. */
function addEvent(
  bytes: Uint8Array,
  start: number,
  spans: EventSpans,
  writer: ObjectWriter,
): string | undefined {
  try {
    readEventSpans(bytes, start, spans);
    const fault = rowFault(spans);
    if (fault === undefined) writer.add(bytes, spans);
    return fault;
  } catch (error) {
    // Only what is wrong with the event itself: a lack of memory, say, must not make dead letters.
    if (error instanceof MalformedBsonError) return error.message;
    throw error;
  }
}

/** The event's bytes by its own length field, or, where that is nonsense, up to the next event. */
function copyOfEvent(chunk: EventChunk, i: number): Uint8Array<ArrayBuffer> {
  const { bytes, starts } = chunk;
  const start = starts[i]!;
  const limit = starts[i + 1] ?? bytes.length;
  if (start + 4 > bytes.length) return bytes.slice(start, limit);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = start + view.getInt32(start, true);
  return bytes.slice(start, end >= start + DOCUMENT_BYTES_MIN && end <= limit ? end : limit);
}
