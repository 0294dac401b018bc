/** The instances of a pipeline, as they announce themselves. Errors are `TransientError` and `PermanentError`. */
export interface Members {
  /** Tells the others that this instance is there, for another `ttlMs`. */
  announce(member: Member, ttlMs: number): Promise<void>;
  /** Takes it back at once. */
  leave(owner: string): Promise<void>;
  /** Those who announced themselves and neither left nor fell silent, by owner id. */
  list(): Promise<MemberInfo[]>;
}

/** A member as anybody can see it. */
export interface MemberInfo extends Member {
  /** Until it has fallen silent, unless it announces itself again; `Infinity` where it does not. */
  readonly leftMs: number;
}

/** Whether both tell the same. There may be thousands of streams, and they are mostly one list. */
export function isSameMember(a: Member | undefined, b: Member): boolean {
  if (a === undefined) return false;
  const withoutStreams = (member: Member) => JSON.stringify({ ...member, streams: [] });
  const isSameList = a.streams === b.streams ||
    (a.streams.length === b.streams.length && a.streams.every((key, i) => key === b.streams[i]));
  return isSameList && withoutStreams(a) === withoutStreams(b);
}

/** What an instance tells of itself. */
export interface Member {
  /** `{hostname}-{uuid}`, another one for each start. */
  readonly owner: string;
  /** Its name for people. */
  readonly instance: string;
  readonly version: string;
  /** The newest version of the record format that it reads; absent: 1. Journals are written so that all can go on. */
  readonly recordVersion?: number;
  /** Where its HTTP server listens, if it has one. */
  readonly address?: string;
  /** When it started, ISO 8601. */
  readonly since: string;
  /** The keys of the streams that it could run. */
  readonly streams: readonly string[];
  /** How many more have failed there lately. */
  readonly failed: number;
  /** It stops: it wants nothing more, and gives away what it still holds. */
  readonly isLeaving: boolean;
  /** Which events it selects (`model/selection.ts`), and since when, ISO 8601; absent where an older version tells. */
  readonly selection?: string;
  readonly selectedAt?: string;
  /** The keys of the streams that it runs no longer because they are paused; it comes back to them. */
  readonly paused?: readonly string[];
  /** Why it does not run what it could: another instance, which selects other events, must stop first. */
  readonly waits?: string;
}
