import type { S3Client } from "@aws-sdk/client-s3";
import type { Clock } from "../../support/clock.ts";
import type { Log } from "../../support/log.ts";
import type { S3Options } from "../open_destination.ts";
import { createS3Client } from "./s3_client.ts";
import { refusesCredentials } from "./s3_faults.ts";
import { createS3Http } from "./s3_http.ts";

/** Where a refusal does not say that it is about the credentials, new ones are tried once in so long. */
const RENEWAL_MS_MIN = 60_000;

/**
 * The client that requests are sent with, and how it comes to other credentials.
 *
 * The SDK remembers keys without an expiry for ever, and what a file, a role or a token gives for as long as it was said
 * to be good. Where the server refuses them, a new client asks all sources anew.
 */
export class S3Access {
  readonly #options: S3Options;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #http: ReturnType<typeof createS3Http>;
  #client: S3Client;
  #renewedMs: number;
  #accepted = false;
  #isRefused = false;

  /** The caller has at most `connectionsMax` requests under way: a wait for a connection would count as a failure. */
  constructor(options: S3Options, connectionsMax: number, clock: Clock, log: Log) {
    this.#options = options;
    this.#clock = clock;
    this.#log = log;
    this.#http = createS3Http(connectionsMax);
    this.#client = createS3Client(options, this.#http);
    this.#renewedMs = clock.monotonicMs();
  }

  get client(): S3Client {
    return this.#client;
  }

  /** Whether credentials of ours were ever accepted: then it may pass that they are refused. */
  get accepted(): boolean {
    return this.#accepted;
  }

  /**
   * Makes a new client after a refusal that other credentials may mend; whether the request is to be sent again with
   * `client`. Requests that were refused together share the new one.
   */
  renew(refused: S3Client, error: unknown): boolean {
    if (this.#options.credentials !== undefined) return false;
    if (refused !== this.#client) return true;
    const nowMs = this.#clock.monotonicMs();
    if (!refusesCredentials(error) && nowMs - this.#renewedMs < RENEWAL_MS_MIN) return false;
    this.#client = createS3Client(this.#options, this.#http);
    this.#renewedMs = nowMs;
    return true;
  }

  /** Notes that the server has answered as to somebody it knows. */
  noteAccepted(): void {
    this.#accepted = true;
    if (!this.#isRefused) return;
    this.#isRefused = false;
    this.#log.info("The destination accepts the credentials again");
  }

  /** Notes that it refuses the credentials also after they were read anew. */
  noteRefused(error: Error): void {
    if (this.#isRefused || !this.#accepted) return;
    this.#isRefused = true;
    this.#log.warn("The destination refuses the credentials; they are read again at each try", {
      error,
    });
  }

  close(): void {
    this.#http.destroy?.();
  }
}
