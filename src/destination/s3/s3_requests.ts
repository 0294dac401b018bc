import type { S3Client } from "@aws-sdk/client-s3";
import { TransientError } from "../../model/errors.ts";
import type { Clock } from "../../support/clock.ts";
import { Limiter } from "../../support/limited.ts";
import { silentLog } from "../../support/log.ts";
import type { DestinationOptions, DestinationTools } from "../open_destination.ts";
import { withRetries } from "../retry.ts";
import { S3Access } from "./s3_access.ts";
import {
  isNamelessRefusal,
  isRefusal,
  mayBeCredentials,
  refusesCredentials,
  type S3Action,
  s3Error,
  s3Status,
} from "./s3_faults.ts";

const CONNECTIONS_MAX_DEFAULT = 32;

/** How long one try may take, if it carries no bytes to speak of. */
const TRY_MS_MAX = 30_000;

/** A slower upload is given up: bytes a millisecond, 128 KiB a second. */
const UPLOAD_BYTES_PER_MS_MIN = 131;

/** One request to S3. */
export interface S3Request<T> {
  readonly action: S3Action;
  /** What it is about, relative to the destination's prefix. */
  readonly key?: string;
  /** Bytes of the body sent or, as far as known, received; the deadline grows with them. */
  readonly bytes?: number;
  /** Sends the request and reads the whole answer. */
  send(client: S3Client, abortSignal: AbortSignal): Promise<T>;
  /** What a refusal by the server means, if it is an answer and no fault. */
  answer?(error: unknown): T | undefined;
  /** Asks the same in a way that is refused with a reason: to a HEAD the server only says no. */
  askWhy?(client: S3Client, abortSignal: AbortSignal): Promise<unknown>;
}

/** How one try ended: with a result, or with what the SDK threw. */
type Outcome<T> = { readonly result: T } | { readonly error: unknown };

/**
 * Requests to one bucket: each with a deadline, at most `connectionsMax` at a time, repeated by our rules, and with
 * our errors.
 */
export class S3Requests {
  readonly bucket: string;
  readonly #options: DestinationOptions;
  readonly #tools: DestinationTools;
  readonly #access: S3Access;
  readonly #stop: AbortSignal | undefined;
  readonly #limiter: Limiter;
  readonly #closing = new AbortController();
  readonly #onStop = () => this.#closing.abort();
  #reached = false;

  constructor(bucket: string, options: DestinationOptions, tools: DestinationTools) {
    const connectionsMax = options.connectionsMax ?? CONNECTIONS_MAX_DEFAULT;
    this.bucket = bucket;
    this.#options = options;
    const { clock, log = silentLog } = tools;
    this.#access = new S3Access(options.s3 ?? {}, connectionsMax, clock, log);
    this.#limiter = new Limiter(connectionsMax);
    this.#tools = { ...tools, signal: this.#closing.signal };
    this.#stop = tools.signal;
    if (this.#stop?.aborted) this.#onStop();
    this.#stop?.addEventListener("abort", this.#onStop, { once: true });
  }

  /** Tries as often as the options say. `attempt` counts from 1; `key` is what the tries are about. */
  repeat<T>(attemptOnce: (attempt: number) => Promise<T>, key?: string): Promise<T> {
    return withRetries(this.#options.retry, this.#tools, attemptOnce, key);
  }

  /** One request, repeated as often as the options say. */
  send<T>(request: S3Request<T>): Promise<T> {
    return this.repeat(() => this.sendOnce(request), request.key);
  }

  /** One request, tried once; a second time where the credentials were refused and there are new ones. */
  async sendOnce<T>(request: S3Request<T>): Promise<T> {
    return await this.#limiter.run(async () => {
      const { client } = this.#access;
      let outcome = await this.#attempt(request, client);
      if ("error" in outcome && mayBeCredentials(outcome.error)) {
        // Keys that were replaced are no refusal, and no failure, as long as the new ones were not tried.
        if (this.#access.renew(client, outcome.error)) {
          outcome = await this.#attempt(request, this.#access.client);
        }
      }
      if ("result" in outcome) return outcome.result;
      const error = this.#errorOf(request, outcome.error);
      if (refusesCredentials(outcome.error)) this.#access.noteRefused(error);
      throw error;
    });
  }

  /** Throws only where there was no answer in time or at all; what the SDK throws is an outcome. */
  async #attempt<T>(request: S3Request<T>, client: S3Client): Promise<Outcome<T>> {
    let outcome = await this.#sendWithin(request, (signal) => request.send(client, signal));
    const { askWhy } = request;
    if ("error" in outcome && askWhy !== undefined && isNamelessRefusal(outcome.error)) {
      const said = await this.#sendWithin(request, (signal) => askWhy(client, signal));
      if ("error" in said && isRefusal(said.error)) outcome = said;
    }
    if ("error" in outcome) {
      if (s3Status(outcome.error) !== undefined) this.#reached = true;
      const answer = request.answer?.(outcome.error);
      if (answer === undefined) return outcome;
      outcome = { result: answer };
    }
    this.#reached = true;
    this.#access.noteAccepted();
    return outcome;
  }

  async #sendWithin<T>(
    { action, bytes }: { readonly action: S3Action; readonly bytes?: number },
    send: (signal: AbortSignal) => Promise<T>,
  ): Promise<Outcome<T>> {
    const msMax = TRY_MS_MAX + (bytes ?? 0) / UPLOAD_BYTES_PER_MS_MIN;
    // Made when they are needed: an error remembers the whole way to it, which costs more than the rest.
    let ended: TransientError | undefined;
    const end = (reason: string) => ended = new TransientError(`Cannot ${action.text}: ${reason}`);
    try {
      const limits: Limits = {
        msMax,
        timeout: () => end(`no answer in ${Math.round(msMax / 1000)} s`),
        signal: this.#closing.signal,
        closed: () => end("the destination is closed"),
      };
      return { result: await limited(this.#tools.clock, limits, send) };
    } catch (error) {
      if (ended !== undefined && error === ended) throw error;
      return { error };
    }
  }

  #errorOf({ action }: { readonly action: S3Action }, error: unknown): Error {
    return s3Error(action, {
      bucket: this.bucket,
      options: this.#options.s3 ?? {},
      reached: this.#reached,
      accepted: this.#access.accepted,
    }, error);
  }

  close(): void {
    this.#stop?.removeEventListener("abort", this.#onStop);
    this.#closing.abort();
    this.#access.close();
  }
}

interface Limits {
  readonly msMax: number;
  readonly timeout: () => Error;
  readonly signal: AbortSignal;
  readonly closed: () => Error;
}

/**
 * The work's outcome; or `timeout` if it takes longer, `closed` if the signal is aborted first. The work is told, but
 * not waited for: not everything the SDK does listens.
 */
function limited<T>(
  clock: Clock,
  limits: Limits,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (limits.signal.aborted) return reject(limits.closed());
    const controller = new AbortController();
    const end = (error: Error) => {
      finish();
      reject(error);
      controller.abort(error);
    };
    const onClosed = () => end(limits.closed());
    const timer = clock.after(limits.msMax, () => end(limits.timeout()));
    const finish = () => {
      timer.cancel();
      limits.signal.removeEventListener("abort", onClosed);
    };
    limits.signal.addEventListener("abort", onClosed, { once: true });
    work(controller.signal).finally(finish).then(resolve, reject);
  });
}
