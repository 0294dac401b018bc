import type { JournalRecord } from "../model/record.ts";
import { type Stream, streamKey } from "../model/stream.ts";
import type { Lease } from "../pipeline/ports.ts";
import type { SnapshotFiles } from "../pipeline/snapshots.ts";
import type { StreamContext } from "../pipeline/stream_context.ts";

/** What a person's command needs to do something with streams. */
export interface OperatorParts extends Omit<StreamContext, "stream" | "key" | "observe"> {
  /** Left out where no snapshots are taken. */
  readonly snapshotFiles?: SnapshotFiles;
  /** Stands in the records that are appended. */
  readonly owner: string;
  /** Ends the command. */
  readonly signal: AbortSignal;
}

export function contextOf(parts: OperatorParts, stream: Stream): StreamContext {
  return { ...parts, stream, key: streamKey(stream), observe: () => {} };
}

/**
 * The right of a person to append, whoever runs the stream: the journal takes each record once, so a writer at work
 * finds out, drops what it has not appended, and goes on behind.
 */
export function operatorLease({ owner, signal }: OperatorParts, last?: JournalRecord): Lease {
  return {
    owner,
    generation: last === undefined ? 1 : last.generation + 1,
    isValid: () => !signal.aborted,
    signal,
  };
}
