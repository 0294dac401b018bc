import type { S3Settings } from "../model/address/s3_settings.ts";
import type { BackoffOptions } from "../support/flow/backoff.ts";
import type { Clock } from "../support/clock.ts";
import type { Finding } from "../support/check_result.ts";
import type { Log } from "../support/log.ts";
import type { Ringing } from "../support/flow/notify.ts";
import type { Random } from "../support/random.ts";
import type { LakeStore, PutOptions } from "../pipeline/ports.ts";

/** A destination that is in use until it is closed. */
export interface OpenDestination extends LakeStore {
  /**
   * As `putIfAbsent`, of an object whose bytes come one after the other and are not held together. Chunks may be views of memory
   * that is used again. A `TransientError`, also one of the chunks, may leave nothing: whoever calls begins anew. Of tables alone.
   */
  putStreamed(
    key: string,
    chunks: AsyncIterable<Uint8Array>,
    options?: PutOptions,
  ): Promise<"created" | "exists">;
  /** Creates the object, or replaces what is there, whole; of tables alone. Errors as those of `putIfAbsent`. */
  replace(key: string, bytes: Uint8Array, options?: PutOptions): Promise<void>;
  /** Deletes the object, if there is one; of tables alone. Errors as those of `putIfAbsent`. */
  remove(key: string): Promise<void>;
  /** How people name it: the URL it was opened with, which never holds a secret. */
  readonly url: string;
  /**
   * Finds out what reading and writing an object cannot show, and leaves nothing behind: on a file system, hard links
   * flushing, and room for so many bytes. `PermanentError` with one sentence if the place cannot be used.
   */
  checkMedium(bytes?: number): Promise<void>;
  /**
   * Finds out whether a large object can be written in another way than a small one and still leaves alone what is there,
   * trying it on the object that a probe leaves. Where not, large objects are written like small ones.
   */
  checkLargeObjects(): Promise<void>;
  /** What has been found that people should know, and that is no reason to refuse the place. */
  readonly remarks: readonly Finding[];
  /** Why no object can have this key here: completes "it ..."; undefined if one can. */
  keyFault(key: string): string | undefined;
  /** Ends waits and requests under way (they reject with `TransientError`) and closes connections. Idempotent. */
  close(): Promise<void>;
}

/** How often and how soon a request is repeated that failed in a way that may pass. */
export interface RetryOptions extends BackoffOptions {
  /** Tries after the first one. Default 10. */
  readonly retriesMax: number;
}

/** What only an S3 destination looks at. */
export interface S3Options extends S3Settings {
  /**
   * Default: the SDK's own chain (environment, profiles, SSO, web identity, ECS, IMDS), asked again before they
   * expire, and where the server refuses what it gave.
   */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface DestinationOptions {
  readonly retry: RetryOptions;
  /** Connections kept at most: uploads in flight of all streams, and some for journals. Default 32. */
  readonly connectionsMax?: number;
  readonly s3?: S3Options;
}

/** What a destination needs of the world. */
export interface DestinationTools {
  readonly clock: Clock;
  readonly random: Random;
  /** Aborted when all work on the destination shall end. */
  readonly signal?: AbortSignal;
  /** Rings when the destination answers again after it was away: what waits to be repeated is, at once. */
  readonly recovery?: Ringing;
  /** Told of each request that failed; `again`: it will be repeated; `key`: what it was about. A stop is no failure. */
  readonly onFailure?: (error: Error, again: boolean, key?: string) => void;
  /** Default: silent. */
  readonly log?: Log;
}

/** The settings' defaults. */
export const DEFAULT_RETRY: RetryOptions = { retriesMax: 10, firstMs: 1000, maxMs: 60_000 };

/** For a probe, where a person waits for the answer: with unreachable hosts it takes under ten seconds. */
export const PROBE_RETRY: RetryOptions = { retriesMax: 1, firstMs: 200, maxMs: 200 };
