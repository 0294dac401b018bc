/** By which change streams an instance reads: MongoDB reads its whole oplog once for each of them. */

/** A change stream, as the source tells it. */
export interface ReaderFacts {
  /** `collection`, `database shop`, `deployment`; undefined while it is being opened. */
  readonly form: string | undefined;
  /** The names of the streams that are read by it. */
  readonly members: readonly string[];
  /** Why its only member has it for itself. */
  readonly alone?: string;
}

export interface ReadingFacts {
  readonly readers: readonly ReaderFacts[];
  /** The names of streams that wait for a place among those that are read alone. */
  readonly waiting: readonly string[];
}

export const NO_READING: ReadingFacts = { readers: [], waiting: [] };

/** By what a stream is read. */
export interface StatusReader {
  /** `collection`, `database shop`, `deployment`; null while it is being opened. */
  readonly watched: string | null;
  /** How many streams are read by it. */
  readonly streams: number;
  /** Why it is read by a change stream of its own, as `WHY_ALONE` names it; null where there is no such reason. */
  readonly alone: string | null;
}

/** How the streams of an instance are read. */
export interface StatusReading {
  /** Open change streams. */
  readonly changeStreams: number;
  /** Those that streams share, or that nobody else could share; the largest first. */
  readonly shared: readonly Omit<StatusReader, "alone">[];
  readonly alone: readonly AloneStreams[];
  /** Streams that are to be read alone and wait for a place. */
  readonly waiting: number;
}

/** Streams that are each read by a change stream of their own. */
export interface AloneStreams {
  readonly reason: string;
  /** The same in words. */
  readonly why: string;
  readonly streams: number;
  /** Of the first of them; each stream says by itself how it is read. */
  readonly names: readonly string[];
}

/** What a stream that is read alone watches. */
const LONE = "collection";

/** Names that are told with a reason. */
const NAMES_MAX = 10;

/** Reasons that only say what a stream is: it has nobody to share with. */
const NO_REASONS = ["level"];

/** Why a stream is read by a change stream of its own. The words go on after "because". */
export const WHY_ALONE: Readonly<Record<string, string>> = {
  slow: "it takes its events slower than the others, which would wait for it",
  failed: "one of its next events cannot be read as it should be",
  behind: "it is far behind the others, and joins them when it is near",
  rights: "the MongoDB user may not read the whole database (grant it the role read)",
  own: "READING=own says so, or an older version may still take its journal over",
  stages: "its stages may change ns, to or operationType, by which events are divided",
  partition: "it is a partition of a collection",
};

/** What a reader says of each of its streams. */
export function readersByName({ readers }: ReadingFacts): ReadonlyMap<string, StatusReader> {
  return new Map(readers.flatMap((reader) => {
    const told = { watched: reader.form ?? null, streams: reader.members.length };
    const alone = reasonOf(reader) ?? null;
    return reader.members.map((name) => [name, { ...told, alone }] as const);
  }));
}

/** What another instance tells of a stream's reader: only where it is read alone for a reason. */
export function readerTold(
  news: { readonly alone?: string } | undefined,
): StatusReader | undefined {
  const alone = news?.alone;
  return alone === undefined ? undefined : { watched: LONE, streams: 1, alone };
}

export function statusReading({ readers, waiting }: ReadingFacts): StatusReading {
  const shared = readers.filter((reader) => reasonOf(reader) === undefined);
  const apart = readers.filter((reader) => reasonOf(reader) !== undefined);
  const byReason = Map.groupBy(apart, (reader) => reasonOf(reader)!);
  return {
    changeStreams: readers.length,
    shared: shared.map(({ form, members }) => ({ watched: form ?? null, streams: members.length }))
      .sort((a, b) => b.streams - a.streams),
    alone: [...byReason].map(([reason, of]) => {
      const names = of.flatMap(({ members }) => members).sort();
      const why = WHY_ALONE[reason] ?? reason;
      return { reason, why, streams: names.length, names: names.slice(0, NAMES_MAX) };
    }),
    waiting: waiting.length,
  };
}

/** How many streams there are for each reason to be read alone; `""`: for none. */
export function countByReason({ readers }: ReadingFacts): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const reader of readers) {
    const reason = reasonOf(reader) ?? "";
    counts.set(reason, (counts.get(reason) ?? 0) + reader.members.length);
  }
  return counts;
}

export function reasonOf({ alone }: ReaderFacts): string | undefined {
  return alone === undefined || NO_REASONS.includes(alone) ? undefined : alone;
}
