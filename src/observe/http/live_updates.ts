import type { Clock, Timer } from "../../support/clock.ts";
import { answer, refuse } from "./http_answer.ts";

/** How often a page is told how things are. */
const UPDATE_MS = 2000;

/** Of a thousand streams more seldom, so that a phone can keep up. */
const UPDATE_MS_MAX = 4000;
const BYTES_A_SECOND_MAX = 100_000;

/** Pages that are told at once. */
const LISTENERS_MAX = 50;

/** Updates that may wait for a slow listener; instead of more there is one that says all, when it has taken those. */
const UPDATES_WAITING_MAX = 2;

type Listener = ReadableStreamDefaultController<Uint8Array>;

/** What turns one state into the next; each call is told of the state after the one before. */
export interface Changes<T> {
  next(state: T): unknown;
}

/**
 * Tells pages again and again how things are, as server-sent events, one text made for all of them: `status` says all,
 * `change` what is another since the event before.
 */
export class LiveUpdates<T> implements Disposable {
  readonly #clock: Clock;
  readonly #current: () => T;
  readonly #changes: Changes<T>;
  /** Each with what the next event must be for it to know all. */
  readonly #listeners = new Map<Listener, "status" | "change">();
  /** Those who understand changes. */
  readonly #followers = new WeakSet<Listener>();
  /** The length of the longest event that was told last. */
  #bytes = 0;
  #timer: Timer | undefined;
  #closed = false;

  /** `current` is what they are told, as JSON. */
  constructor(clock: Clock, current: () => T, changes: Changes<T>) {
    this.#clock = clock;
    this.#current = current;
    this.#changes = changes;
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  /** Answers with the state of now, and then again and again with all of it, or with changes where those are wanted. */
  open(wantsChanges = false): Response {
    if (this.#closed || this.#listeners.size >= LISTENERS_MAX) {
      return refuse(503, `No more than ${LISTENERS_MAX} pages can be kept up to date at once.`, {
        "retry-after": "30",
      });
    }
    let own: Listener;
    const body = new ReadableStream<Uint8Array>({
      start: (listener) => {
        own = listener;
        // It is between two states that changes are told of: the next one it is told whole.
        this.#listeners.set(listener, "status");
        if (wantsChanges) this.#followers.add(listener);
        const text = textOf("status", this.#current());
        this.#bytes = Math.max(this.#bytes, text.byteLength);
        listener.enqueue(text);
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
    for (const listener of this.#listeners.keys()) listener.close();
    this.#listeners.clear();
  }

  #tell(): void {
    this.#timer = undefined;
    if (this.#listeners.size === 0) return;
    this.#tellAll();
    const slowedMs = Math.min(UPDATE_MS_MAX, this.#bytes / BYTES_A_SECOND_MAX * 1000);
    this.#timer = this.#clock.after(Math.max(UPDATE_MS, slowedMs), () => this.#tell());
  }

  #tellAll(): void {
    const state = this.#current();
    const listeners = [...this.#listeners];
    const isFollowed = listeners.some(([listener]) => this.#followers.has(listener));
    const change = isFollowed ? this.#changes.next(state) : undefined;
    const texts = new Map<"status" | "change", Uint8Array>();
    for (const [listener, wanted] of listeners) {
      const isReady = (listener.desiredSize ?? 0) > 0;
      const follows = this.#followers.has(listener) && isReady;
      this.#listeners.set(listener, follows ? "change" : "status");
      if (!isReady) continue;
      const text = texts.get(wanted) ?? textOf(wanted, wanted === "status" ? state : change);
      texts.set(wanted, text);
      listener.enqueue(text);
    }
    if (texts.size === 0) return;
    this.#bytes = Math.max(...[...texts.values()].map(({ byteLength }) => byteLength));
  }
}

function textOf(event: "status" | "change", data: unknown): Uint8Array {
  return new TextEncoder().encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}
