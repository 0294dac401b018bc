import type { ByteSink } from "../byte_sink.ts";

/**
 * Changes to make in one BSON document, noted while it is read: pieces to leave out or to put other bytes in their place, in
 * the order of the document, and the documents within it whose lengths change by that.
 */
export class Edits {
  /** Of each piece where it starts, where it ends, and what comes in its place. */
  #starts: number[] = [];
  #ends: number[] = [];
  #replacements: (Uint8Array | undefined)[] = [];
  /** Where a document starts, and by how much it grows. */
  #documents: number[] = [];
  #growths: number[] = [];

  get count(): number {
    return this.#starts.length;
  }

  clear(): void {
    this.rewind({ pieces: 0, documents: 0 });
  }

  /** Notes one piece, after all before; the answer is by how much it grows. */
  replace(start: number, end: number, replacement?: Uint8Array): number {
    this.#starts.push(start);
    this.#ends.push(end);
    this.#replacements.push(replacement);
    return (replacement?.length ?? 0) - (end - start);
  }

  /** Notes by how much the document at `start` grows, after all within it. */
  grow(start: number, by: number): void {
    if (by === 0) return;
    this.#documents.push(start);
    this.#growths.push(by);
  }

  mark(): EditMark {
    return { pieces: this.#starts.length, documents: this.#documents.length };
  }

  /** Forgets what was noted since. */
  rewind({ pieces, documents }: EditMark): void {
    this.#starts.length = this.#ends.length = this.#replacements.length = pieces;
    this.#documents.length = this.#growths.length = documents;
  }

  /** Writes `bytes[start, end)`, the document that was read, with the changes. */
  write(bytes: Uint8Array, start: number, end: number, out: ByteSink): void {
    const base = out.length;
    let at = start;
    for (let i = 0; i < this.#starts.length; i++) {
      out.writeBytes(bytes, at, this.#starts[i]!);
      const replacement = this.#replacements[i];
      if (replacement !== undefined) out.writeBytes(replacement, 0, replacement.length);
      at = this.#ends[i]!;
    }
    out.writeBytes(bytes, at, end);
    this.#writeLengths(base - start, out);
  }

  #writeLengths(offset: number, out: ByteSink): void {
    // A document is noted after those within it, so the order is not that of the bytes.
    const order = [...this.#documents.keys()].sort((a, b) =>
      this.#documents[a]! - this.#documents[b]!
    );
    let shift = 0;
    let piece = 0;
    for (const index of order) {
      const document = this.#documents[index]!;
      for (; piece < this.#starts.length && this.#ends[piece]! <= document; piece++) {
        const length = this.#replacements[piece]?.length ?? 0;
        shift += length - (this.#ends[piece]! - this.#starts[piece]!);
      }
      const at = document + offset + shift;
      out.view.setInt32(at, out.view.getInt32(at, true) + this.#growths[index]!, true);
    }
  }
}

export interface EditMark {
  readonly pieces: number;
  readonly documents: number;
}
