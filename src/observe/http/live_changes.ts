import type { LiveStatus, LiveStream } from "../status/live_status.ts";

/**
 * What turns the state that a page was told before into the one of now: fields that are others, streams that are others,
 * whole, and the keys of those that are gone. Ages that have grown with the time are no change: the page lets them grow.
 */
export type LiveChange = Partial<Omit<LiveStatus, "streams">> & {
  readonly at: string;
  readonly streams: readonly LiveStream[];
  readonly gone: readonly string[];
};

/** The page has the same (`page_connect.ts`). */
const AGES = ["lagSeconds", "lakeLagSeconds", "positionAgeSeconds"] as const;

/** An age that is further off than this is another one. */
const AGE_SECONDS_OFF_MAX = 0.5;

/** A stream as it was told last. */
interface Told {
  readonly stream: LiveStream;
  readonly atMs: number;
  /** All but its ages. */
  readonly rest: string;
}

/** Remembers what was told last, and tells what is another since then. */
export class LiveChanges {
  #streams = new Map<string, Told>();
  #fields = new Map<string, string>();

  next({ streams, ...fields }: LiveStatus): LiveChange {
    const atMs = Date.parse(fields.at);
    const before = this.#streams;
    this.#streams = new Map(streams.map((stream) => {
      const told = before.get(stream.key);
      const rest = JSON.stringify(stream, (name, value) => isAge(name) ? undefined : value);
      const isSame = told?.rest === rest && hasSameAges(told, stream, atMs);
      return [stream.key, isSame ? told : { stream, atMs, rest }];
    }));
    return {
      ...this.#changedFields(fields),
      at: fields.at,
      streams: streams.filter(({ key }) => this.#streams.get(key) !== before.get(key)),
      gone: [...before.keys()].filter((key) => !this.#streams.has(key)),
    };
  }

  #changedFields(fields: Omit<LiveStatus, "streams">): Partial<Omit<LiveStatus, "streams">> {
    const before = this.#fields;
    this.#fields = new Map(
      Object.entries(fields).map(([name, value]) => [name, JSON.stringify(value)]),
    );
    const isOther = ([name]: [string, unknown]) => this.#fields.get(name) !== before.get(name);
    return Object.fromEntries(Object.entries(fields).filter(isOther));
  }
}

function isAge(name: string): boolean {
  return (AGES as readonly string[]).includes(name);
}

function hasSameAges(told: Told, stream: LiveStream, atMs: number): boolean {
  const grownSeconds = (atMs - told.atMs) / 1000;
  return AGES.every((name) => {
    const [before, now] = [told.stream[name], stream[name]];
    if (before === null || now === null) return before === now;
    return Math.abs(now - before - grownSeconds) <= AGE_SECONDS_OFF_MAX;
  });
}
