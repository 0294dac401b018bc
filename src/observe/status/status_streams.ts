import type { ShownCondition } from "../../model/stream_condition.ts";
import { isoTime } from "../../support/clock.ts";
import type { Clock } from "../../support/clock.ts";
import { redact } from "../../support/redact.ts";
import type { KnownStream } from "./known_streams.ts";
import { oplogHeadroomSeconds, type OplogReach, secondsSince } from "./lag.ts";
import type { RateHistory } from "./rate_history.ts";
import { readersByName, readerTold, type ReadingFacts, type StatusReader } from "./reading.ts";
import { lostOf, type StreamFacts } from "./stream_board.ts";

export interface StatusStream {
  readonly key: string;
  readonly name: string;
  /**
   * `elsewhere`: another instance has it, and says no more; `free`: nobody has it who should; `closed`: nobody should, as
   * far as this instance knows.
   */
  readonly condition: ShownCondition;
  /** The name of the instance that has it. */
  readonly owner: string | null;
  /** Since when it is free; a hand-over takes seconds. */
  readonly freeSince: string | null;
  /** The name of the instance that still has its lease and is silent, where that is why it is free. */
  readonly leftBy?: string;
  /** Since when it is paused; absent where that is not known. */
  readonly pausedSince?: string;
  /** Whether the answering instance has it. */
  readonly local: boolean;
  readonly generation: number | null;
  /** How far reading is behind now. */
  readonly lagSeconds: number | null;
  /** How far the lake is behind now: seconds since the time up to which all events are in it. */
  readonly lakeLagSeconds: number | null;
  /** Seconds since the journal's position; where nothing happens it is behind the lake. */
  readonly positionAgeSeconds: number | null;
  readonly oplogHeadroomSeconds: number | null;
  /** Events a second in the last minutes, oldest first, one each `SAMPLE_MS`. */
  readonly rates: readonly number[];
  /** Since the stream's genesis where the fleet keeps it, else since this instance began. */
  readonly events: number;
  readonly objects: number;
  readonly bytes: number;
  readonly deadLetters: number;
  readonly bufferedEvents: number | null;
  /** By what it is read, where that is known: of another's streams only of those that are read alone for a reason. */
  readonly reader?: StatusReader;
  /** Gaps and objects given up in its journal that nobody has accepted; absent where there are none, or it is not known. */
  readonly lost?: number;
  readonly lastObject: {
    readonly key: string;
    readonly rows: number;
    readonly bytes: number;
    readonly at: string;
  } | null;
  readonly error: {
    readonly message: string;
    /** When it failed last. */
    readonly at: string;
    /** When it first failed since it last read. */
    readonly since: string;
  } | null;
}

export interface StreamSources {
  /** All streams that are known, by name. */
  readonly known: () => readonly KnownStream[];
  /** The name of this instance. */
  readonly instance: { readonly name: string };
  readonly rates: RateHistory;
  readonly reach: () => OplogReach | undefined;
  readonly reading: () => ReadingFacts;
  readonly clock: Clock;
}

/** A row for each stream that this instance knows of, by name. */
export function statusStreams(sources: StreamSources): StatusStream[] {
  const readers = readersByName(sources.reading());
  return sources.known().map((stream) => {
    const reader = readerOf(stream, readers);
    return { ...rowOf(sources, stream), ...(reader === undefined ? {} : { reader }) };
  });
}

function readerOf(
  { name, holder, remote }: KnownStream,
  readers: ReadonlyMap<string, StatusReader>,
): StatusReader | undefined {
  if (holder === "here") return readers.get(name);
  return readerTold(remote?.news);
}

function rowOf(sources: StreamSources, stream: KnownStream): StatusStream {
  const { key, name, holder, facts, remote, unheldMs, leftBy, pausedSinceMs } = stream;
  const { clock, rates, instance } = sources;
  const news = remote?.news;
  const owner = holder === "here"
    ? instance.name
    : holder === "elsewhere"
    ? remote?.instance ?? remote?.owner
    : undefined;
  const isHere = holder === "here";
  const lost = isHere && facts !== undefined ? lostOf(facts) : news?.lost;
  const total = (name: "events" | "objects" | "bytes" | "deadLetters") =>
    // What this instance has it knows best; totals over all owners are the fleet's.
    Math.max(facts?.[name] ?? 0, remote?.[name] ?? 0);
  return {
    ...{ key, name, condition: conditionOf(stream), owner: owner ?? null },
    freeSince: holder === "nobody" && !stream.isPaused ? isoTime(clock.wallMs() - unheldMs) : null,
    ...(leftBy === undefined ? {} : { leftBy }),
    ...(pausedSinceMs === undefined ? {} : { pausedSince: isoTime(pausedSinceMs) }),
    local: isHere,
    generation: (isHere ? facts?.generation : remote?.generation) ?? null,
    ...ages(sources, stream),
    rates: rates.of(key),
    events: total("events"),
    objects: total("objects"),
    bytes: total("bytes"),
    deadLetters: total("deadLetters"),
    bufferedEvents: (isHere ? facts?.bufferedEvents : news?.bufferedEvents) ?? null,
    ...(lost === undefined ? {} : { lost }),
    ...lastSaid(facts, news, clock.wallMs()),
  };
}

function conditionOf({ holder, isPaused, facts, remote }: KnownStream): ShownCondition {
  if (isPaused) return "paused";
  if (holder === "here" && facts !== undefined) return facts.condition;
  if (remote?.news !== undefined) return remote.news.condition;
  if (holder === "ended") return "closed";
  return holder === "elsewhere" ? "elsewhere" : "free";
}

function lastSaid(
  facts: StreamFacts | undefined,
  news: NonNullable<KnownStream["remote"]>["news"],
  nowMs: number,
): Pick<StatusStream, "lastObject" | "error"> {
  const iso = (ms: number) => isoTime(Math.min(ms, nowMs));
  const { lastObject, error } = facts ?? {};
  return {
    lastObject: lastObject === undefined ? news?.lastObject ?? null : {
      key: lastObject.key,
      rows: lastObject.rows,
      bytes: lastObject.bytes,
      at: iso(lastObject.atMs),
    },
    error: error === undefined
      ? news?.error === undefined ? null : { since: news.error.at, ...news.error }
      : { message: redact(error.message), at: iso(error.atMs), since: iso(error.sinceMs) },
  };
}

function ages(
  { clock, reach }: StreamSources,
  { times: { highWater, inLake, durable }, remote }: KnownStream,
): Pick<
  StatusStream,
  "lagSeconds" | "lakeLagSeconds" | "positionAgeSeconds" | "oplogHeadroomSeconds"
> {
  const nowMs = clock.wallMs();
  // An older version tells only how far behind it was.
  const told = remote?.news?.lagMs;
  const toldSeconds = told === undefined ? undefined : told / 1000;
  return {
    lagSeconds: rounded(secondsSince(highWater, nowMs) ?? toldSeconds),
    lakeLagSeconds: rounded(secondsSince(inLake, nowMs)),
    positionAgeSeconds: rounded(secondsSince(durable, nowMs)),
    oplogHeadroomSeconds: rounded(oplogHeadroomSeconds(durable, reach())),
  };
}

function rounded(seconds: number | undefined): number | null {
  return seconds === undefined ? null : Math.round(seconds * 10) / 10;
}
