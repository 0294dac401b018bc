import type { Encoding } from "../model/settings.ts";
import type { BegunObject, EncodeResult, EventChunk } from "../pipeline/stages.ts";
import type { WorkerRequest } from "./worker_messages.ts";
import type { TaskOwner, WorkerSlot } from "./worker_slot.ts";

/** An object that a worker encodes while its events come. `ended` is called once, when the next one may begin. */
export class BegunInWorker implements BegunObject, TaskOwner {
  readonly #slot: WorkerSlot;
  readonly #ended: () => void;
  #isEnded = false;
  #error: Error | undefined;

  constructor(slot: WorkerSlot, encoding: Encoding, bytesExpected: number, ended: () => void) {
    this.#slot = slot;
    this.#ended = ended;
    this.#send({ kind: "begin", encoding, bytesExpected });
  }

  add(chunks: readonly EventChunk[]): void {
    if (this.#error === undefined) this.#send({ kind: "add", chunks });
  }

  finish(chunks: readonly EventChunk[]): Promise<EncodeResult> {
    this.#end();
    if (this.#error !== undefined) return Promise.reject(this.#error);
    return new Promise((resolve, reject) => {
      this.#send({ kind: "finish", chunks }, (result) => resolve(result!), reject);
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
  }

  #end(): void {
    this.#isEnded = true;
    this.#ended();
  }

  #send(
    message: WorkerRequest,
    done: (result: EncodeResult | undefined) => void = () => {},
    failed: (error: Error) => void = () => {},
  ): void {
    this.#slot.send({
      owner: this,
      message,
      done,
      failed: (error) => {
        this.#error ??= error;
        failed(error);
      },
    });
  }
}
