/**
 * What the control plane tells of itself. It neither logs nor counts: `observe` does, from these. `stream` is a stream's
 * key, times are milliseconds, `reason` is a sentence where nothing else is said.
 */
export type CoordinateEvent =
  | LeaseEvent
  | {
    readonly type: "lock-acquired";
    readonly stream: string;
    readonly generation: number;
  }
  | {
    readonly type: "lock-acquisition-failed";
    readonly stream: string;
    /** `held`: somebody else was faster; `error`: the store did not answer. */
    readonly reason: "held" | "error";
  }
  | {
    readonly type: "lock-released";
    readonly stream: string;
    readonly generation: number;
    /** `handed-over` to another instance; `failed` and tried again later; `finished` by itself; `stopped` with the program. */
    readonly reason: ReleaseReason;
    readonly heldMs: number;
    /** From the order to stop until the lease was free: nobody reads the stream in that time. */
    readonly drainMs: number;
  }
  | {
    readonly type: "lock-lost";
    readonly stream: string;
    readonly generation: number;
    readonly reason: string;
    readonly heldMs: number;
  }
  | {
    /** The lease is over, but stays in the store until its time has run out. */
    readonly type: "lock-release-failed";
    readonly stream: string;
    readonly generation: number;
    readonly reason: string;
    readonly heldMs: number;
  }
  | {
    readonly type: "members-changed";
    /** Names of all instances, this one included. */
    readonly instances: readonly string[];
  }
  | { readonly type: "shares-changed"; readonly streams: number; readonly own: number }
  | {
    /** It failed here in a way that only a person can mend, and its lease is given back until the next try. */
    readonly type: "stream-set-aside";
    readonly stream: string;
    readonly retryMs: number;
  }
  | {
    /** The streams that failed here and run nowhere since; they are tried again. */
    readonly type: "failing-changed";
    readonly streams: readonly string[];
  }
  | {
    /** Why streams are left to another instance, which selects other events; empty: not any more. */
    readonly type: "rival-changed";
    readonly reason: string;
  }
  | {
    readonly type: "store-away";
    readonly reason: string;
    /** It answers, and says no. */
    readonly refuses?: true;
  }
  | { readonly type: "store-back"; readonly awayMs: number };

export type ReleaseReason = "handed-over" | "failed" | "finished" | "stopped";

/** What a lease tells while it is held. */
export type LeaseEvent =
  /** Of thousands at once. */
  | { readonly type: "locks-refreshed"; readonly streams: readonly string[] }
  | {
    readonly type: "lock-refresh-failed";
    readonly stream: string;
    readonly generation: number;
    readonly reason: string;
    /** The store answers, and says no. */
    readonly refuses?: true;
    /** The store was not asked: the stream hangs. */
    readonly hangs?: true;
  };
