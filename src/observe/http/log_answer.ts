import { isLoopback } from "../../model/address/http_address.ts";
import type { LogTail, TailError, TailLine } from "../log/log_tail.ts";

/** What `/log` answers. */
export interface LogAnswer {
  /** The last said first. */
  readonly errors: readonly TailError[];
  /** Oldest first; null where not everybody who can ask may read them. */
  readonly lines: readonly TailLine[] | null;
}

/** Where it is asked, and what guards it. */
export interface LogAsk {
  /** The host that the server listens on. */
  readonly listensOn: string;
  /** The host that the request names. */
  readonly asked: string;
  /** Whether the request has carried the token. */
  readonly hasToken: boolean;
}

/**
 * Warnings and errors say no more than the status does, so they are for all who may see that. The log itself says more of
 * hosts and collections than anybody should learn who merely reaches the port: it is for those with the token and, where
 * there is none, for this machine. The request must name this machine too, or a page of another site could have its
 * name lead here.
 */
export function logAnswer(tail: LogTail | undefined, ask: LogAsk): LogAnswer {
  const isLocal = isLoopback(ask.listensOn) && isLoopback(ask.asked);
  return {
    errors: tail?.errors ?? [],
    lines: ask.hasToken || isLocal ? tail?.lines ?? [] : null,
  };
}
