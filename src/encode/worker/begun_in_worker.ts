import type { RowEncoding } from "../../model/settings.ts";
import type { BegunObject, EncodeResult, EventChunk } from "../../pipeline/ports.ts";
import type { WorkerRequest } from "./worker_messages.ts";
import type { TaskOwner, WorkerSlot } from "./worker_slot.ts";

/** What may wait at a worker: a reply behind the one it works on. */
const BYTES_WAITING_MAX = 3 * 1024 * 1024;

export interface BegunInWorkerOptions {
  readonly slot: Pick<WorkerSlot, "send">;
  readonly encoding: RowEncoding;
  readonly bytesExpected: number;
  /** Called when chunks have been taken. */
  readonly progress: () => void;
  /** Whether another worker has nothing to do: then what comes next is not for this one alone. */
  readonly othersIdle: () => boolean;
  /** Called once, when the next object may begin. */
  readonly ended: () => void;
}

/** An object that a worker encodes while its events come. */
export class BegunInWorker implements BegunObject, TaskOwner {
  readonly #options: BegunInWorkerOptions;
  #bytesWaiting = 0;
  #isEnded = false;
  #error: Error | undefined;

  constructor(options: BegunInWorkerOptions) {
    this.#options = options;
    const { encoding, bytesExpected } = options;
    this.#send({ kind: "begin", encoding, bytesExpected });
  }

  get isBehind(): boolean {
    return this.#bytesWaiting > BYTES_WAITING_MAX && !this.#options.othersIdle();
  }

  /** A step for each chunk: between two of them whole objects of others have their turn. */
  add(chunks: readonly EventChunk[]): void {
    for (const chunk of chunks) {
      if (this.#error !== undefined) return;
      const bytes = chunk.bytes.length;
      this.#bytesWaiting += bytes;
      this.#send({ kind: "add", chunks: [chunk] }, () => {
        this.#bytesWaiting -= bytes;
        this.#options.progress();
      });
    }
  }

  finish(chunks: readonly EventChunk[]): Promise<EncodeResult> {
    this.#end();
    if (this.#error !== undefined) return Promise.reject(this.#error);
    return new Promise((resolve, reject) => {
      this.#send({ kind: "finish", chunks }, ([result]) => resolve(result!), reject);
    });
  }

  drop(): void {
    if (this.#isEnded) return;
    this.#end();
    if (this.#error === undefined) this.#send({ kind: "drop" });
  }

  /** The worker is gone, and with it what it had of the object. */
  lost(error: Error): void {
    this.#error ??= error;
    this.#bytesWaiting = 0;
    this.#options.progress();
  }

  #end(): void {
    this.#isEnded = true;
    this.#options.ended();
  }

  #send(
    message: WorkerRequest,
    done: (results: readonly EncodeResult[]) => void = () => {},
    failed: (error: Error) => void = () => {},
  ): void {
    this.#options.slot.send({
      owner: this,
      message,
      done,
      failed: (error) => {
        this.lost(error);
        failed(error);
      },
    });
  }
}
