import { EncoderCrashError, errorMessage, TransientError } from "../../model/errors.ts";
import type { EncodeResult } from "../../pipeline/ports.ts";
import type { Clock, Timer } from "../../support/clock.ts";
import { requestBuffers, type WorkerReply, type WorkerRequest } from "./worker_messages.ts";

/** A request to the worker, and who is told of its answer. */
export interface WorkerTask {
  /** Whose events these are. */
  readonly owner: TaskOwner;
  readonly message: WorkerRequest;
  /** `encode` and `finish` are answered by results, the others by none. */
  readonly done: (results: readonly EncodeResult[]) => void;
  readonly failed: (error: Error) => void;
}

export interface TaskOwner {
  /** The object that was begun is gone, through no fault of its own. */
  lost?(error: Error): void;
}

export interface WorkerSlotOptions {
  readonly createWorker: () => Worker;
  readonly clock: Clock;
  /** After this long without an answer the worker counts as dead. */
  readonly requestMsMax: number;
  /** Called when whole objects can be sent, also where an object that is begun gets its events. */
  readonly onFree: () => void;
}

/** One that the worker is at and one behind it: whole objects of others wait for no more. */
const TASKS_SENT_MAX = 2;

/**
 * The place of one worker: *empty* (none yet, or the last one died), *idle*, or *busy* with tasks of one owner.
 *
 * empty or idle -> busy by `send`; busy -> idle by the last answer; any -> empty by a failure or `close`. Tasks of
 * another owner wait until those that were sent are answered: a worker that dies then died on the events of one owner, and nobody else is
 * blamed. Whole objects are sent before the steps of one that is begun. What waits is bounded by whoever sends: a task an owner, or the events of one batch.
 */
export class WorkerSlot {
  readonly #options: WorkerSlotOptions;
  readonly #waiting: WorkerTask[] = [];
  readonly #sent: WorkerTask[] = [];
  #worker: Worker | undefined;
  #timer: Timer | undefined;
  /** Whose object lies begun in the worker. */
  #resident: TaskOwner | undefined;

  constructor(options: WorkerSlotOptions) {
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#sent.length === 0 && this.#waiting.length === 0;
  }

  /** No whole objects are there: others come between the steps of an object that is begun, and wait for a few of these. */
  get isOpen(): boolean {
    return !this.#sent.some(isWhole) && !this.#waiting.some(isWhole);
  }

  send(task: WorkerTask): void {
    this.#waiting.push(task);
    this.#sendWaiting();
  }

  /** Ends the worker; all that was sent or waits fails with `error`. */
  close(error: Error): void {
    this.#discardWorker();
    this.#resident?.lost?.(error);
    this.#resident = undefined;
    for (const task of [...this.#sent.splice(0), ...this.#waiting.splice(0)]) task.failed(error);
  }

  #sendWaiting(): void {
    while (this.#sent.length < TASKS_SENT_MAX) {
      const whole = this.#waiting.findIndex(isWhole);
      const at = Math.max(0, whole);
      const task = this.#waiting[at];
      if (task === undefined || this.#sent.some(({ owner }) => owner !== task.owner)) return;
      this.#waiting.splice(at, 1);
      this.#post(task);
    }
  }

  #post(task: WorkerTask): void {
    this.#sent.push(task);
    try {
      this.#worker ??= this.#openWorker();
      this.#worker.postMessage(task.message, requestBuffers(task.message));
    } catch (error) {
      // Not from within the sender's own loop, which would send the next task before this one has ended.
      queueMicrotask(() => {
        if (this.#sent.includes(task)) this.#crash(errorMessage(error));
      });
      return;
    }
    if (task.message.kind === "begin") this.#resident = task.owner;
    if (this.#sent.length === 1) this.#startTimer();
  }

  #startTimer(): void {
    const { clock, requestMsMax } = this.#options;
    this.#timer = clock.after(
      requestMsMax,
      () => this.#crash(`no answer after ${requestMsMax} ms`),
    );
  }

  #openWorker(): Worker {
    const worker = this.#options.createWorker();
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
    if (reply?.kind === "crashed") return this.#crash(reply.message);
    const task = this.#sent[0];
    if (task === undefined || reply?.kind !== answerTo(task.message)) {
      return this.#crash("its answer is none");
    }
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#sent.shift();
    const { kind } = task.message;
    if (kind === "finish" || kind === "drop") this.#resident = undefined;
    if (this.#sent.length > 0) this.#startTimer();
    task.done(reply.kind === "encoded" ? reply.results : []);
    this.#sendWaiting();
    if (this.isOpen) this.#options.onFree();
  }

  /** The worker died on what it was sent; an object of others that lay in it is lost. */
  #crash(reason: string): void {
    this.#discardWorker();
    const died = new EncoderCrashError(
      `Cannot encode an object: the encode worker failed: ${reason}`,
    );
    const guilty = this.#sent[0]?.owner;
    for (const task of this.#sent.splice(0)) task.failed(died);
    this.#loseResident(guilty, died);
    this.#sendWaiting();
    if (this.isOpen) this.#options.onFree();
  }

  #loseResident(guilty: TaskOwner | undefined, died: Error): void {
    const resident = this.#resident;
    this.#resident = undefined;
    if (resident === undefined) return;
    const error = resident === guilty ? died : new TransientError(
      `Cannot finish an object: its encoder died on another one: ${died.message}`,
    );
    resident.lost?.(error);
    const theirs = this.#waiting.filter((task) => task.owner === resident);
    const others = this.#waiting.filter((task) => task.owner !== resident);
    this.#waiting.splice(0, Infinity, ...others);
    for (const task of theirs) task.failed(error);
  }

  #discardWorker(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const worker = this.#worker;
    if (worker === undefined) return;
    this.#worker = undefined;
    worker.onmessage = worker.onmessageerror = worker.onerror = null;
    worker.terminate();
  }
}

function isWhole({ message }: WorkerTask): boolean {
  return message.kind === "encode";
}

function answerTo({ kind }: WorkerRequest): WorkerReply["kind"] {
  return kind === "encode" || kind === "finish" ? "encoded" : "done";
}
