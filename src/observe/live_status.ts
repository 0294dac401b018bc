import type { StageTime } from "./stage_times.ts";
import type { Status } from "./status.ts";
import type { StatusStream } from "./status_streams.ts";

/** What `/status` answers: the status, and what only the server knows of. */
export interface StatusAnswer extends Status {
  /** Whether orders are taken. */
  readonly canControl: boolean;
  /** How long the stages of this instance's streams took in the last minutes. */
  readonly stages: readonly StageTime[];
  /** Warnings and errors of this instance since it began. */
  readonly errorCount: number;
}

/** A stream as a page is told of it again and again: the history of its rate is asked for where it is looked at. */
export interface LiveStream extends Omit<StatusStream, "rates"> {
  /** Events a second, now. */
  readonly rate: number | null;
}

export type LiveStatus = Omit<StatusAnswer, "streams"> & {
  readonly streams: readonly LiveStream[];
};

/** What pages are sent; without histories, which are most of it. */
export function liveStatus(status: StatusAnswer): LiveStatus {
  const streams = status.streams.map(({ rates, ...stream }) => ({
    ...stream,
    rate: rates.at(-1) ?? null,
  }));
  return { ...status, streams };
}
