import type { StreamOptions } from "../stream_context.ts";

/** Objects of one batch at most; a batch with more is cut earlier. */
const OBJECTS_A_RECORD_MAX = 1000;

/** A reply of a busy stream is some of these; smaller objects are encoded as a whole, like the end of a batch. */
const ENCODE_AHEAD_BYTES_MIN = 1024 * 1024;

/** The longest silence in the journal of an idle stream. */
const HEARTBEAT_MS_MAX = 10 * 60_000;

/** How often the loop of a stream in which nothing happens turns; hundreds of them are to cost next to nothing. */
const TURN_MS_MAX = 10_000;

/** A loop that turns so many times within a lease's time is never taken for one that hangs. */
const TURNS_A_TTL = 3;

/** What a person can set of a stream's options. */
export interface StreamChoices {
  readonly batchRowsMax: number;
  readonly batchBytesMax: number;
  readonly batchTimeoutMs: number;
  readonly startFrom: StreamOptions["startFrom"];
  readonly onHistoryLost: StreamOptions["onHistoryLost"];
  readonly uploadsInFlight: number;
  /** Threads; 0 encodes inline. */
  readonly encoders: number;
  readonly retryDelayMs: number;
  readonly maxRetryDelayMs: number;
  readonly lock: { readonly ttlMs: number };
}

export function streamOptions(choices: StreamChoices): StreamOptions {
  return {
    batch: {
      rowsMax: choices.batchRowsMax,
      bytesMax: choices.batchBytesMax,
      objectsMax: OBJECTS_A_RECORD_MAX,
    },
    batchAgeMsMax: choices.batchTimeoutMs,
    startFrom: choices.startFrom,
    onHistoryLost: choices.onHistoryLost,
    uploadsInFlightMax: choices.uploadsInFlight,
    encodesInFlightMax: Math.max(1, choices.encoders),
    encodeAheadBytesMin: ENCODE_AHEAD_BYTES_MIN,
    heartbeatMsMax: HEARTBEAT_MS_MAX,
    turnMsMax: Math.min(TURN_MS_MAX, choices.lock.ttlMs / TURNS_A_TTL),
    retry: { firstMs: choices.retryDelayMs, maxMs: choices.maxRetryDelayMs },
  };
}
