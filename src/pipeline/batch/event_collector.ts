import type { SnapshotRows } from "../../model/snapshot.ts";
import type { EventChunk } from "../ports.ts";

const CHUNK_BYTES_FIRST = 4 * 1024;
const CHUNK_BYTES_MAX = 1024 * 1024;
/** A chunk of documents is a step of an encoder, and a stream's few events wait for the end of two. */
const DOCUMENTS_CHUNK_BYTES_MAX = 512 * 1024;
const STARTS_FIRST = 16;

/**
 * Gathers the events of one object into chunks. A long run gets a chunk of exactly its size; short ones (events of many
 * collections, mixed) share chunks that double in size, so that an object of few events costs little.
 */
export class EventCollector {
  #sealed: EventChunk[] = [];
  #held = 0;
  #bytes = new Uint8Array(0);
  #used = 0;
  #starts = new Uint32Array(0);
  #startsUsed = 0;
  #chunkBytes = CHUNK_BYTES_FIRST;
  #count = 0;

  /** Events added since the last `take`. */
  get count(): number {
    return this.#count;
  }

  /** Bytes of the events that have not been taken yet. */
  get bytesHeld(): number {
    return this.#held;
  }

  /** Copies the events `from` to before `to` of a reply; they lie one behind the other in `source`. */
  add(source: Uint8Array, starts: Uint32Array, from: number, to: number): void {
    if (to <= from) return;
    const begin = starts[from]!;
    const last = starts[to - 1]!;
    const end = last + documentBytes(source, last);
    this.#makeRoom(end - begin, to - from);
    this.#bytes.set(source.subarray(begin, end), this.#used);
    for (let i = from; i < to; i++) {
      this.#starts[this.#startsUsed++] = this.#used + starts[i]! - begin;
    }
    this.#used += end - begin;
    this.#held += end - begin;
    this.#count += to - from;
  }

  /** As `add`, of documents of which the encoder makes the events `rows`. Between them may lie what is none of theirs. */
  addDocuments(
    source: Uint8Array,
    starts: Uint32Array,
    from: number,
    to: number,
    rows: SnapshotRows,
  ): void {
    if (to <= from) return;
    this.#seal();
    let first = from;
    for (let i = from + 1; i <= to; i++) {
      const begin = starts[first]!;
      if (i < to && starts[i]! - begin < DOCUMENTS_CHUNK_BYTES_MAX) continue;
      const last = starts[i - 1]!;
      const bytes = new Uint8Array(source.subarray(begin, last + documentBytes(source, last)));
      this.#sealed.push({
        bytes,
        starts: starts.slice(first, i).map((start) => start - begin),
        rows: { ...rows, row: rows.row + first },
      });
      this.#held += bytes.length;
      first = i;
    }
    this.#count += to - from;
  }

  /** The events so far, which now belong to the caller; begins anew. */
  take(): EventChunk[] {
    const chunks = this.takePart();
    this.#chunkBytes = CHUNK_BYTES_FIRST;
    this.#count = 0;
    return chunks;
  }

  /** As `take`, but the events count on. */
  takePart(): EventChunk[] {
    this.#seal();
    const chunks = this.#sealed;
    this.#sealed = [];
    this.#held = 0;
    return chunks;
  }

  #makeRoom(bytes: number, events: number): void {
    if (this.#used + bytes > this.#bytes.length) {
      this.#seal();
      this.#bytes = new Uint8Array(Math.max(bytes, this.#chunkBytes));
      this.#chunkBytes = Math.min(this.#chunkBytes * 2, CHUNK_BYTES_MAX);
    }
    if (this.#startsUsed + events > this.#starts.length) {
      const grown = new Uint32Array(
        Math.max(this.#startsUsed + events, this.#starts.length * 2, STARTS_FIRST),
      );
      grown.set(this.#starts.subarray(0, this.#startsUsed));
      this.#starts = grown;
    }
  }

  #seal(): void {
    if (this.#startsUsed > 0) {
      this.#sealed.push({
        bytes: this.#bytes,
        starts: this.#starts.slice(0, this.#startsUsed),
      });
    }
    this.#bytes = new Uint8Array(0);
    this.#used = 0;
    this.#startsUsed = 0;
  }
}

/** A BSON document's length stands in its first four bytes, little endian. */
export function documentBytes(bytes: Uint8Array, start: number): number {
  return bytes[start]! | bytes[start + 1]! << 8 | bytes[start + 2]! << 16 | bytes[start + 3]! << 24;
}
