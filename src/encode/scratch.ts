import { ByteSink } from "../bson/byte_sink.ts";

const SINK_BYTES_FIRST = 64 * 1024;
/** A sink that one unusual request blew up is not worth keeping for the usual ones. */
const SINK_BYTES_KEPT_MAX = 8 * 1024 * 1024;

/**
 * Byte sinks that live as long as their thread, so that requests do not grow the same buffers again and again.
 *
 * One request at a time: `sink` gives the same sink for the same name, empty.
 */
export class Scratch {
  readonly #sinks = new Map<string, ByteSink>();

  /** The sink of this name, empty. What it held before is gone. */
  sink(name: string): ByteSink {
    let sink = this.#sinks.get(name);
    if (sink === undefined) {
      sink = new ByteSink(SINK_BYTES_FIRST);
      this.#sinks.set(name, sink);
    }
    sink.reset();
    return sink;
  }

  /** Lets go of sinks that hold more than 8 MiB. To be called when a request is done. */
  trim(): void {
    for (const [name, sink] of this.#sinks) {
      if (sink.bytes.length <= SINK_BYTES_KEPT_MAX) continue;
      sink.free();
      this.#sinks.delete(name);
    }
  }

  /** How many bytes of memory the sinks hold. */
  get bytesHeld(): number {
    let total = 0;
    for (const sink of this.#sinks.values()) total += sink.bytes.length;
    return total;
  }
}
