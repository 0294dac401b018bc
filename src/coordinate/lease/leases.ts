import type { Lease } from "../../pipeline/ports.ts";

/** A lease with the way to give it back. */
export interface HeldLease extends Lease {
  /** Asks the store now whether the lease is still held, instead of at the next refresh; where not, its signal is aborted. */
  recheck(): void;
  /**
   * Ends the lease: its signal is aborted, then the store is told. Idempotent. Throws what the store throws; the lease is
   * over all the same, and free once its time has run out.
   */
  release(): Promise<void>;
}

/** The rights to run streams, as one instance asks for them. */
export interface Leases {
  /**
   * The lease of a stream, or undefined while somebody holds it. Throws `TransientError` or `PermanentError`.
   *
   * @param isAlive asked before each refresh; while it says no the lease is left to expire, so that a stream that hangs
   *   cannot keep it
   */
  acquire(streamKey: string, isAlive?: () => boolean): Promise<HeldLease | undefined>;
}
