import { EncoderCrashError, TransientError } from "../../model/errors.ts";
import type { RowEncoding } from "../../model/settings.ts";
import type { BegunObject, Encoder, EncodeRequest, EncodeResult } from "../../pipeline/ports.ts";
import type { Clock } from "../../support/clock.ts";
import { BegunInWorker } from "./begun_in_worker.ts";
import { assertEncodable } from "../formats.ts";
import { WorkerSlot } from "./worker_slot.ts";

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
 * An encoder that works in other threads, each with one request at a time, or several that came together. Besides, one object may be begun in each; it
 * gets its events between the requests.
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

/** Requests that go together, and the promise that their caller waits for. */
interface Job {
  readonly requests: readonly EncodeRequest[];
  readonly resolve: (results: EncodeResult[]) => void;
  readonly reject: (error: Error) => void;
}

class WorkerPool implements EncoderPool {
  readonly #queueRequestsMax: number;
  readonly #queue: Job[] = [];
  readonly #slots: readonly WorkerSlot[];
  /** Those in which an object is begun that may get more events. */
  readonly #begunIn = new Set<WorkerSlot>();
  #isClosed = false;

  constructor(options: EncoderPoolOptions) {
    const { createWorker, clock } = options;
    this.#queueRequestsMax = options.queueRequestsMax ?? QUEUE_REQUESTS_MAX;
    const requestMsMax = options.requestMsMax ?? REQUEST_MS_MAX;
    const onFree = () => this.#dispatch();
    this.#slots = Array.from(
      { length: options.workers },
      () => new WorkerSlot({ createWorker, clock, requestMsMax, onFree }),
    );
  }

  get waiting(): number {
    return this.#queue.length;
  }

  async encode(request: EncodeRequest): Promise<EncodeResult> {
    const [result] = await this.encodeTogether([request]);
    return result!;
  }

  async encodeTogether(requests: readonly EncodeRequest[]): Promise<EncodeResult[]> {
    for (const { encoding } of requests) assertEncodable(encoding);
    if (this.#isClosed) throw closedError();
    if (this.#queue.length >= this.#queueRequestsMax) {
      throw new TransientError(
        `Cannot take a request to encode: ${this.#queue.length} are waiting already`,
      );
    }
    return await new Promise((resolve, reject) => {
      this.#queue.push({ requests, resolve, reject });
      this.#dispatch();
    });
  }

  /** Not while requests wait: an object after the other would keep them waiting for ever. */
  begin(
    encoding: RowEncoding,
    bytesExpected: number,
    progress: () => void,
  ): BegunObject | undefined {
    assertEncodable(encoding);
    if (this.#isClosed || this.#queue.length > 0) return undefined;
    const free = this.#slots.filter((slot) => !this.#begunIn.has(slot));
    const slot = free.find((slot) => slot.isIdle) ?? free[0];
    if (slot === undefined) return undefined;
    this.#begunIn.add(slot);
    return new BegunInWorker({
      ...{ slot, encoding, bytesExpected, progress },
      othersIdle: () => this.#slots.some((slot) => slot.isIdle),
      ended: () => this.#begunIn.delete(slot),
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const job of this.#queue.splice(0)) job.reject(closedError());
    for (const slot of this.#slots) slot.close(closedError());
    return Promise.resolve();
  }

  /** To whoever has nothing to do, else between the steps of an object: a few events need not wait until it is full. */
  #dispatch(): void {
    while (this.#queue.length > 0) {
      const slot = this.#slots.find((slot) => slot.isIdle) ??
        this.#slots.find((slot) => slot.isOpen);
      if (slot === undefined) return;
      const job = this.#queue.shift()!;
      const { requests, resolve, reject } = job;
      slot.send({
        owner: {},
        message: { kind: "encode", requests },
        done: (results) => resolve([...results]),
        failed: reject,
      });
    }
  }
}

function closedError(): EncoderCrashError {
  return new EncoderCrashError("Cannot encode an object: the encoder pool is closed");
}
