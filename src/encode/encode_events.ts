import { SnapshotEvent } from "../bson/event/snapshot_event.ts";
import type { SnapshotRows } from "../model/snapshot.ts";
import { EventSpans, forgetOperation, readEventSpans } from "../bson/event/event_spans.ts";
import { MalformedBsonError } from "../bson/malformed_bson_error.ts";
import type { RowEncoding } from "../model/settings.ts";
import type { EncodeRequest, EncodeResult, EventChunk, FailedEvent } from "../pipeline/ports.ts";
import { describesOperations, ENCODER_VERSION } from "../model/columns.ts";
import { WRITERS } from "./formats.ts";
import type { ObjectWriter } from "./object_writer.ts";
import { OperationCounter } from "./operation_counter.ts";
import { rowFault } from "./row_fault.ts";
import type { Scratch } from "./scratch.ts";

/** An empty BSON document: its length and the closing zero. */
const DOCUMENT_BYTES_MIN = 5;

/** Called with each chunk that is not looked at any more. */
export type Taken = (chunk: EventChunk) => void;

/**
 * Encodes the events of one object. Events that cannot be rows are left out and named in `failed`; whatever else is
 * thrown is a fault of the program. The answer's buffers are nobody else's.
 */
export async function encodeEvents(
  request: EncodeRequest,
  scratch: Scratch,
  taken?: Taken,
): Promise<Omit<EncodeResult, "encodeMs">> {
  const bytesExpected = request.chunks.reduce((sum, chunk) => sum + chunk.bytes.length, 0);
  const object = await beginObject(request.encoding, scratch, bytesExpected, taken);
  try {
    await object.add(request.chunks);
    return await object.finish();
  } catch (error) {
    object.drop();
    throw error;
  }
}

/** As `encodeEvents` for events that come by and by. The scratch is the object's until it has ended. */
export async function beginObject(
  encoding: RowEncoding,
  scratch: Scratch,
  bytesExpected: number,
  taken: Taken = () => {},
): Promise<ObjectInProgress> {
  const writer = await WRITERS[encoding.format](encoding, scratch, bytesExpected);
  const isDescribed = describesOperations(encoding.encoderVersion ?? ENCODER_VERSION);
  return new ObjectInProgress(isDescribed ? writer : undescribed(writer), taken);
}

/** Rows as they were before operations on collections were described. */
function undescribed(writer: ObjectWriter): ObjectWriter {
  return {
    add(bytes, spans) {
      forgetOperation(spans);
      writer.add(bytes, spans);
    },
    finish: () => writer.finish(),
    ...(writer.drain === undefined ? {} : { drain: () => writer.drain!() }),
    ...(writer.drop === undefined ? {} : { drop: () => writer.drop!() }),
  };
}

export class ObjectInProgress {
  readonly #writer: ObjectWriter;
  readonly #taken: Taken;
  readonly #failed: FailedEvent[] = [];
  readonly #counter = new OperationCounter();
  #events = 0;

  constructor(writer: ObjectWriter, taken: Taken) {
    this.#writer = writer;
    this.#taken = taken;
  }

  /** One call at a time. */
  async add(chunks: readonly EventChunk[]): Promise<void> {
    for (const chunk of chunks) {
      const { rows } = chunk;
      if (rows !== undefined) this.#addDocuments(chunk, rows);
      else addChunk(chunk, this.#writer, this.#counter, this.#events, this.#failed);
      this.#events += chunk.starts.length;
      this.#taken(chunk);
      await this.#writer.drain?.();
    }
  }

  /** Of each document the event `rows` in its turn, and of that the row. */
  #addDocuments({ bytes, starts }: EventChunk, rows: SnapshotRows): void {
    const event = new SnapshotEvent(rows);
    for (let i = 0; i < starts.length; i++) {
      event.begin(bytes, starts[i]!);
      if (this.#addInPlace(event, bytes, starts[i]!)) continue;
      event.complete(bytes, starts[i]!);
      const reason = addRow(event.bytes, event.spans, this.#writer);
      if (reason === undefined) this.#counter.add(event.bytes, event.spans);
      else {
        const copy = event.bytes.slice(0, event.spans.end);
        this.#failed.push({ index: this.#events + i, event: copy, reason });
      }
    }
  }

  /** Whether the format has made a row without the whole event; what is wrong with a document is told of its event. */
  #addInPlace(event: SnapshotEvent, documents: Uint8Array, start: number): boolean {
    if (this.#writer.addDocument === undefined || rowFault(event.spans) !== undefined) return false;
    try {
      this.#writer.addDocument(event, documents, start);
      this.#counter.add(event.bytes, event.spans);
      return true;
    } catch (error) {
      messageOf(error);
      return false;
    }
  }

  /** Ends the object, which is of no use afterwards. */
  async finish(): Promise<Omit<EncodeResult, "encodeMs">> {
    return {
      bytes: await this.#writer.finish(),
      rows: this.#events - this.#failed.length,
      operations: this.#counter.byOperation(),
      failed: this.#failed,
    };
  }

  /** Lets go of an object that is not to be finished. */
  drop(): void {
    this.#writer.drop?.();
  }
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
  } catch (error) {
    return messageOf(error);
  }
  return addRow(bytes, spans, writer);
}

function addRow(bytes: Uint8Array, spans: EventSpans, writer: ObjectWriter): string | undefined {
  try {
    const fault = rowFault(spans);
    if (fault === undefined) writer.add(bytes, spans);
    return fault;
  } catch (error) {
    return messageOf(error);
  }
}

/** Only of what is wrong with the event itself: a lack of memory, say, must not make dead letters. */
function messageOf(error: unknown): string {
  if (error instanceof MalformedBsonError) return error.message;
  throw error;
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
