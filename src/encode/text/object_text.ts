import type { ByteSink } from "../../bson/byte_sink.ts";
import type { EventSpans } from "../../bson/event/event_spans.ts";
import type { Encoding } from "../../model/settings.ts";
import { type Compress, loadCompress, ownBytes } from "../compress/compress.ts";
import type { ObjectWriter } from "../object_writer.ts";
import type { Scratch } from "../scratch.ts";
import { type StreamCodec, streamCodec } from "../compress/stream_codec.ts";

/** What is compressed at once; so an object's bytes do not depend on how many events came together. */
const PART_BYTES = 1024 * 1024;
/** JSON and its keys make the text half as large again as the BSON, more or less. */
const TEXT_A_BSON_BYTE = 1.5;
/** What is compressed on the way need not all have room. */
const ROOM_BYTES_MAX = 4 * PART_BYTES;

/** Begins the text of an object. `bytesExpected` is the size of the BSON to come. */
export async function openObjectText(
  { compression, compressionLevel }: Encoding,
  scratch: Scratch,
  bytesExpected: number,
): Promise<ObjectText> {
  const compress = await loadCompress(compression, compressionLevel);
  const open = streamCodec(compression, compressionLevel);
  const sink = scratch.sink("text");
  const room = Math.ceil(bytesExpected * TEXT_A_BSON_BYTE);
  sink.ensure(open === undefined ? room : Math.min(room, ROOM_BYTES_MAX));
  return new ObjectText(sink, compress, open);
}

/**
 * The text of one object: lines go into `sink`, and are compressed while more come where the codec can do that. The text
 * of a batch is as large as the batch, and would be most of what an encoder holds.
 */
export class ObjectText {
  readonly sink: ByteSink;
  readonly #compress: Compress;
  readonly #open: (() => StreamCodec) | undefined;
  /** There once the first part is complete. */
  #codec: StreamCodec | undefined;

  constructor(sink: ByteSink, compress: Compress, open: (() => StreamCodec) | undefined) {
    this.sink = sink;
    this.#compress = compress;
    this.#open = open;
  }

  /** Compresses all parts that are complete; the lines must be, too, and nobody may write meanwhile. */
  async drain(): Promise<void> {
    const { sink } = this;
    const end = sink.length - sink.length % PART_BYTES;
    if (this.#open === undefined || end === 0) return;
    const codec = this.#codec ??= this.#open();
    for (let at = 0; at < end; at += PART_BYTES) {
      await codec.write(sink.bytes.subarray(at, at + PART_BYTES));
    }
    sink.bytes.copyWithin(0, end, sink.length);
    sink.length -= end;
  }

  /** The object, alone in its buffer. */
  async finish(): Promise<Uint8Array<ArrayBuffer>> {
    await this.drain();
    const rest = this.sink.bytes.subarray(0, this.sink.length);
    if (this.#codec === undefined) return ownBytes(this.#compress(rest));
    if (rest.length > 0) await this.#codec.write(rest);
    return await this.#codec.end();
  }

  /** Lets go of what the codec holds; of no use afterwards. */
  drop(): void {
    this.#codec?.drop();
  }
}

/** A writer of an object whose rows are lines of its text; `addLine` puts one into the sink, or throws. */
export function lineWriter(
  text: ObjectText,
  addLine: (bytes: Uint8Array, spans: EventSpans) => void,
): ObjectWriter {
  const { sink } = text;
  return {
    add(bytes, spans) {
      const lineStart = sink.length;
      try {
        addLine(bytes, spans);
      } catch (error) {
        sink.length = lineStart;
        throw error;
      }
    },
    drain: () => text.drain(),
    finish: () => text.finish(),
    drop: () => text.drop(),
  };
}
