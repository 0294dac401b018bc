/** A part of a request: its head in one piece, then its body as it comes. */
export interface RequestPiece {
  readonly bytes: Uint8Array;
  readonly first: boolean;
  readonly last: boolean;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
}

const HEAD_END = [13, 10, 13, 10];

/**
 * Finds where requests begin and end in what an HTTP/1.1 client sends. A body without `content-length` but with a
 * transfer encoding is taken to last until the connection ends; so is everything that is not HTTP.
 */
export class HttpRequestSplitter {
  #head = new Uint8Array(0);
  #bodyLeft = 0;
  #method = "";
  #target = "";

  get #request() {
    return { method: this.#method, target: this.#target };
  }

  /** The pieces in a chunk; valid until the next call. An unfinished head is kept for then. */
  split(chunk: Uint8Array): RequestPiece[] {
    const pieces: RequestPiece[] = [];
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#bodyLeft > 0) {
        const bytes = rest.subarray(0, Math.min(this.#bodyLeft, rest.length));
        this.#bodyLeft -= bytes.length;
        pieces.push({ bytes, first: false, last: this.#bodyLeft === 0, ...this.#request });
        rest = rest.subarray(bytes.length);
        continue;
      }
      const seen = this.#head.length;
      const all = new Uint8Array(seen + rest.length);
      all.set(this.#head);
      all.set(rest, seen);
      const end = headEnd(all);
      if (end === -1) {
        this.#head = all;
        return pieces;
      }
      this.#head = new Uint8Array(0);
      const head = new TextDecoder("latin1").decode(all.subarray(0, end));
      [this.#method = "", this.#target = ""] = head.slice(0, head.indexOf("\r")).split(" ");
      this.#bodyLeft = bodyLength(head);
      pieces.push({
        bytes: all.subarray(0, end),
        first: true,
        last: this.#bodyLeft === 0,
        ...this.#request,
      });
      rest = rest.subarray(end - seen);
    }
    return pieces;
  }
}

function headEnd(bytes: Uint8Array): number {
  const start = new TextDecoder("latin1").decode(bytes.subarray(0, 8));
  // No method: it is not HTTP, and goes on as it is.
  if (!/^[A-Z]+( |$)/.test(start)) return bytes.length;
  for (let i = 0; i + 4 <= bytes.length; i++) {
    if (HEAD_END.every((byte, j) => bytes[i + j] === byte)) return i + 4;
  }
  return -1;
}

function bodyLength(head: string): number {
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) return Number(length);
  const isHttp = / HTTP\/1\.[01]\r\n/.test(head);
  return !isHttp || /\r\ntransfer-encoding:/i.test(head) ? Infinity : 0;
}
