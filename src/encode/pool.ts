import { EncoderCrashError, errorMessage, TransientError } from "../model/errors.ts";
import type { Encoder, EncodeRequest, EncodeResult } from "../pipeline/stages.ts";
import type { Clock, Timer } from "../support/clock.ts";
import { assertEncodable } from "./formats.ts";
import { requestBuffers, type WorkerReply } from "./worker_messages.ts";

export interface EncoderPoolOptions {
  /** How many threads; at least 1. */
  readonly workers: number;
  /** Starts a worker whose module is `encode_worker.ts`, however that was packed. */
  readonly createWorker: () => Worker;
  readonly clock: Clock;
  /** How many requests may wait for a worker; more are a fault of the caller. Default 1024. */
  readonly queueRequestsMax?: number;
  /** After this long without an answer a worker counts as dead. Default 5 minutes. */
  readonly requestMsMax?: number;
}

/** A pool of encode workers. Disposing rejects what is under way and ends the threads. */
export interface EncoderPool extends Encoder, AsyncDisposable {
  /** How many requests have no worker yet. */
  readonly waiting: number;
}

const QUEUE_REQUESTS_MAX = 1024;
const REQUEST_MS_MAX = 5 * 60_000;

/**
 * An encoder that works in other threads, each with one request at a time.
 *
 * Chunks go to the worker by transfer and are gone afterwards, whatever happens. A worker that fails, hangs or answers
 * what is no answer rejects its request with `EncoderCrashError` and is replaced when it is next needed, so a module
 * that cannot start costs one rejection a request and not a loop. `PermanentError` for a compression that the format
 * cannot have.
 */
export function createEncoderPool(options: EncoderPoolOptions): EncoderPool {
  if (!(options.workers >= 1)) {
    throw new RangeError(`Cannot make an encoder pool of ${options.workers} workers`);
  }
  return new WorkerPool(options);
}

/** A request and the promise that its caller waits for. */
interface Job {
  readonly request: EncodeRequest;
  readonly resolve: (result: EncodeResult) => void;
  readonly reject: (error: Error) => void;
}

class WorkerPool implements EncoderPool {
  readonly #queueRequestsMax: number;
  readonly #queue: Job[] = [];
  readonly #slots: readonly Slot[];
  #isClosed = false;

  constructor(options: EncoderPoolOptions) {
    this.#queueRequestsMax = options.queueRequestsMax ?? QUEUE_REQUESTS_MAX;
    const requestMsMax = options.requestMsMax ?? REQUEST_MS_MAX;
    this.#slots = Array.from(
      { length: options.workers },
      () => new Slot(options.createWorker, options.clock, requestMsMax, () => this.#dispatch()),
    );
  }

  get waiting(): number {
    return this.#queue.length;
  }

  async encode(request: EncodeRequest): Promise<EncodeResult> {
    assertEncodable(request.encoding);
    if (this.#isClosed) throw closedError();
    if (this.#queue.length >= this.#queueRequestsMax) {
      throw new TransientError(
        `Cannot take a request to encode: ${this.#queue.length} are waiting already`,
      );
    }
    return await new Promise((resolve, reject) => {
      this.#queue.push({ request, resolve, reject });
      this.#dispatch();
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const job of this.#queue.splice(0)) job.reject(closedError());
    for (const slot of this.#slots) slot.close(closedError());
    return Promise.resolve();
  }

  #dispatch(): void {
    for (const slot of this.#slots) {
      if (slot.isBusy) continue;
      const job = this.#queue.shift();
      if (job === undefined) return;
      slot.start(job);
    }
  }
}

/**
 * The place of one worker: *empty* (none yet, or the last one died), *idle*, or *busy* with one job.
 *
 * empty or idle -> busy by `start`; busy -> idle by an answer; busy or idle -> empty by a failure or `close`.
 */
class Slot {
  readonly #createWorker: () => Worker;
  readonly #clock: Clock;
  readonly #requestMsMax: number;
  readonly #onFree: () => void;
  #worker: Worker | undefined;
  #job: Job | undefined;
  #timer: Timer | undefined;

  constructor(
    createWorker: () => Worker,
    clock: Clock,
    requestMsMax: number,
    onFree: () => void,
  ) {
    this.#createWorker = createWorker;
    this.#clock = clock;
    this.#requestMsMax = requestMsMax;
    this.#onFree = onFree;
  }

  get isBusy(): boolean {
    return this.#job !== undefined;
  }

  start(job: Job): void {
    this.#job = job;
    try {
      this.#worker ??= this.#openWorker();
      this.#worker.postMessage(job.request, requestBuffers(job.request));
    } catch (error) {
      // Not from within the pool's own loop, which would start the next job here before this one has ended.
      queueMicrotask(() => this.#crash(errorMessage(error)));
      return;
    }
    this.#timer = this.#clock.after(
      this.#requestMsMax,
      () => this.#crash(`no answer after ${this.#requestMsMax} ms`),
    );
  }

  /** Ends the worker; a job under way is rejected with `error`. */
  close(error: Error): void {
    this.#discardWorker();
    this.#endJob()?.reject(error);
  }

  #openWorker(): Worker {
    const worker = this.#createWorker();
    worker.onmessage = (event: MessageEvent<WorkerReply>) => this.#receive(event.data);
    worker.onmessageerror = () => this.#crash("its answer could not be read");
    worker.onerror = (event) => {
      // Otherwise the error of the worker would end the program.
      event.preventDefault();
      this.#crash(event.message);
    };
    return worker;
  }

  #receive(reply: WorkerReply): void {
    switch (reply?.kind) {
      case "encoded":
        this.#endJob()?.resolve(reply.result);
        return this.#onFree();
      case "crashed":
        return this.#crash(reply.message);
      default:
        return this.#crash("its answer is none");
    }
  }

  #crash(reason: string): void {
    this.#discardWorker();
    this.#endJob()?.reject(
      new EncoderCrashError(`Cannot encode an object: the encode worker failed: ${reason}`),
    );
    this.#onFree();
  }

  #discardWorker(): void {
    const worker = this.#worker;
    if (worker === undefined) return;
    this.#worker = undefined;
    worker.onmessage = worker.onmessageerror = worker.onerror = null;
    worker.terminate();
  }

  #endJob(): Job | undefined {
    this.#timer?.cancel();
    this.#timer = undefined;
    const job = this.#job;
    this.#job = undefined;
    return job;
  }
}

function closedError(): EncoderCrashError {
  return new EncoderCrashError("Cannot encode an object: the encoder pool is closed");
}
