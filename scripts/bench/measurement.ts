/** One run of one contestant on one backlog. */
export interface Measurement {
  readonly eventsPerSecond: number;
  /** CPU time of its process, all threads, an event; without what starting costs. */
  readonly cpuMicrosPerEvent: number;
  readonly peakBytes: number;
  /** CPU time that mongod used meanwhile, an event; of a program of ours without what opening its streams costs. */
  readonly mongodMicrosPerEvent: number;
  /** The load average of the machine when it ended. */
  readonly load: number;
}

/** A contestant with what it measured, a round each. */
export interface Result {
  readonly name: string;
  readonly measurements: readonly Measurement[];
  /** Its events a second in each round, as a ratio to the mean of the drains directly before and after it. */
  readonly ofDrain: readonly number[];
}
