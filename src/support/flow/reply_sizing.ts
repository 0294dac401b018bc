/** The reply size at which the server is fastest, by measurement: larger ones only cost memory. */
const REPLY_BYTES_MAX = 2 * 1024 * 1024;
const REPLY_BYTES_FIRST = 256 * 1024;
/** What an idle stream keeps of the budget. */
const REPLY_BYTES_MIN = 32 * 1024;
const EVENT_BYTES_FIRST = 1024;
const ROWS_MAX = 10_000;

/** What sizes are learned from. */
interface SizedReply {
  readonly bytes: { readonly byteLength: number };
  readonly starts: { readonly length: number };
}

/**
 * How much to ask for: more while replies come back full, little while the stream is idle, counted in rows by the
 * average weight of the events seen.
 */
export class ReplySizing {
  #bytes = REPLY_BYTES_FIRST;
  #eventBytes = EVENT_BYTES_FIRST;

  get rowsMax(): number {
    return Math.max(1, Math.min(ROWS_MAX, Math.round(this.#bytes / this.#eventBytes)));
  }

  /** Whole bytes: fractions added to the budget and taken away again would not give nothing. */
  get bytesExpected(): number {
    return Math.max(REPLY_BYTES_MIN, Math.ceil(this.rowsMax * this.#eventBytes));
  }

  /** Whether replies have come full, so that more is asked for than of a stream of which nothing is known. */
  get isBusy(): boolean {
    return this.#bytes > REPLY_BYTES_FIRST;
  }

  /** What to ask for where a reply may weigh so many bytes. */
  ask(bytesMax: number): { readonly rows: number; readonly bytes: number } {
    const { bytesExpected, rowsMax } = this;
    if (bytesExpected <= bytesMax) return { rows: rowsMax, bytes: bytesExpected };
    return { rows: Math.ceil(rowsMax * bytesMax / bytesExpected), bytes: bytesMax };
  }

  /** `rowsAsked`: for how many events the request was. */
  note(reply: SizedReply, rowsAsked: number): void {
    const events = reply.starts.length;
    if (events >= rowsAsked) this.#bytes = Math.min(this.#bytes * 2, REPLY_BYTES_MAX);
    else if (events === 0) this.#bytes = Math.max(this.#bytes / 2, REPLY_BYTES_MIN);
    if (events === 0) return;
    const average = reply.bytes.byteLength / events;
    // Up at once, so that big events do not break the budget; down slowly.
    this.#eventBytes = average > this.#eventBytes
      ? average
      : this.#eventBytes * 0.9 + average * 0.1;
  }
}
