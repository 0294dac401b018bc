/** What people tell streams to do, for all instances to see. Errors are `TransientError` and `PermanentError`. */
export interface Orders {
  /** The keys of the streams that are to pause, whoever would run them. */
  paused(): Promise<ReadonlySet<string>>;
  pause(streamKey: string): Promise<void>;
  resume(streamKey: string): Promise<void>;
  /** Asks whoever runs the stream to store what was read; forgotten after `FLUSH_MS`. */
  flush(streamKey: string): Promise<void>;
  /** Those of these streams that are to be flushed. Who takes such an order carries it out; nobody else gets it. */
  takeFlushes(streamKeys: readonly string[]): Promise<string[]>;
  /**
   * Tells all instances that there is something new by a key that is no stream's. It is kept as an order to flush that nobody
   * takes, for `FLUSH_MS` or some more: older versions pass over it.
   */
  note(key: string): Promise<void>;
  /** What was noted, and perhaps orders to flush. */
  notes(): Promise<ReadonlySet<string>>;
}

/** Who has not taken an order to flush after so long was not there. */
export const FLUSH_MS = 60_000;
