import type { StreamNews } from "../../coordinate/news.ts";
import { isoTime } from "../../support/clock.ts";
import { redact } from "../../support/redact.ts";
import { secondsSince } from "./lag.ts";
import { NO_READING, type ReadingFacts, reasonOf } from "./reading.ts";
import { lostOf, type StreamFacts } from "./stream_board.ts";

/** More streams of one instance are left out. */
export const STREAMS_TOLD_MAX = 500;

/** Of longer texts the beginning is told. */
const MESSAGE_CHARS_MAX = 500;

/** What others are told of this instance's streams, without secrets; of too many, those first that have errors. */
export function streamNews(
  streams: readonly StreamFacts[],
  nowMs: number,
  reading: ReadingFacts = NO_READING,
): StreamNews[] {
  const alone = new Map(reading.readers.flatMap((reader) => {
    const reason = reasonOf(reader);
    return reason === undefined ? [] : reader.members.map((name) => [name, reason] as const);
  }));
  const ill = streams.filter(({ error }) => error !== undefined);
  const well = streams.filter(({ error }) => error === undefined);
  return [...ill, ...well].slice(0, STREAMS_TOLD_MAX).map((facts) => {
    const why = alone.get(facts.name);
    return { ...newsOf(facts, nowMs), ...(why === undefined ? {} : { alone: why }) };
  });
}

function newsOf(facts: StreamFacts, nowMs: number): StreamNews {
  const { key, condition, highWater, readEvents, bufferedEvents, lastObject, error } = facts;
  const inLake = facts.lake.time;
  const lost = lostOf(facts);
  const lag = secondsSince(highWater, nowMs);
  return {
    ...{ key, condition, readEvents, bufferedEvents },
    ...(lag === undefined ? {} : { lagMs: Math.round(lag * 1000) }),
    ...(highWater === undefined ? {} : { highWater }),
    ...(inLake === undefined ? {} : { inLake }),
    ...(lost === undefined ? {} : { lost }),
    ...(lastObject === undefined ? {} : {
      lastObject: {
        key: lastObject.key,
        rows: lastObject.rows,
        bytes: lastObject.bytes,
        at: isoTime(lastObject.atMs),
      },
    }),
    ...(error === undefined ? {} : {
      error: {
        message: redact(error.message).slice(0, MESSAGE_CHARS_MAX),
        at: isoTime(error.atMs),
        since: isoTime(error.sinceMs),
      },
    }),
  };
}
