import type { Clock, Timer } from "../support/clock.ts";
import { answer, refuse } from "./http_answer.ts";

/** How often a page is told how things are. */
const UPDATE_MS = 2000;

/** Of a thousand streams more seldom, so that a phone can keep up. */
const UPDATE_MS_MAX = 4000;
const BYTES_A_SECOND_MAX = 100_000;

/** Pages that are told at once. */
const LISTENERS_MAX = 50;

/** Updates that may wait for a slow listener; more are left out, because each one says all. */
const UPDATES_WAITING_MAX = 2;

type Listener = ReadableStreamDefaultController<Uint8Array>;

/** Tells pages again and again how things are, as server-sent events; one text made for all of them. */
export class LiveUpdates implements Disposable {
  readonly #clock: Clock;
  readonly #current: () => unknown;
  readonly #listeners = new Set<Listener>();
  #timer: Timer | undefined;
  #closed = false;

  /** `current` is what they are told, as JSON. */
  constructor(clock: Clock, current: () => unknown) {
    this.#clock = clock;
    this.#current = current;
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  /** Answers with the state of now, and then each change of it. */
  open(): Response {
    if (this.#closed || this.#listeners.size >= LISTENERS_MAX) {
      return refuse(503, `No more than ${LISTENERS_MAX} pages can be kept up to date at once.`, {
        "retry-after": "30",
      });
    }
    let own: Listener;
    const body = new ReadableStream<Uint8Array>({
      start: (listener) => {
        own = listener;
        this.#listeners.add(listener);
        listener.enqueue(this.#text());
        this.#timer ??= this.#clock.after(UPDATE_MS, () => this.#tell());
      },
      cancel: () => void this.#listeners.delete(own),
    }, { highWaterMark: UPDATES_WAITING_MAX });
    return answer(body, {
      contentType: "text/event-stream",
      headers: { "x-accel-buffering": "no" },
    });
  }

  /** Ends all updates. */
  [Symbol.dispose](): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const listener of this.#listeners) listener.close();
    this.#listeners.clear();
  }

  #tell(): void {
    this.#timer = undefined;
    if (this.#listeners.size === 0) return;
    const text = this.#text();
    for (const listener of this.#listeners) {
      if ((listener.desiredSize ?? 0) > 0) listener.enqueue(text);
    }
    const slowedMs = Math.min(UPDATE_MS_MAX, text.byteLength / BYTES_A_SECOND_MAX * 1000);
    this.#timer = this.#clock.after(Math.max(UPDATE_MS, slowedMs), () => this.#tell());
  }

  #text(): Uint8Array {
    return new TextEncoder().encode(`event: status\ndata: ${JSON.stringify(this.#current())}\n\n`);
  }
}
