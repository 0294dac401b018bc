import { PermanentError } from "../../model/errors.ts";
import {
  arrayOf,
  isMap,
  openObjectOf,
  type Shape,
  text,
  wholeNumber,
} from "../../support/json_shape.ts";
import type { LeaseClaim } from "../lease/lease_store.ts";

/** Who runs what, and what is wanted of whom: one object. Edits change a copy of it. */
export interface Division {
  /** How often something has changed that somebody may wait for. */
  changes: number;
  /** By stream key; also those that nobody has, so that generations go on growing. */
  readonly streams: Map<string, DividedStream>;
  readonly paused: Set<string>;
  /** Orders to flush that nobody has taken: the order's id and the stream's key. */
  readonly flushes: Map<string, string>;
}

export interface DividedStream {
  readonly generation: number;
  readonly holder?: DivisionHolder;
}

export interface DivisionHolder {
  readonly owner: string;
  readonly instance: string;
  readonly since: string;
  /** So long it counts while no member names it. */
  readonly ttlMs: number;
}

/** A claim of the division: what makes a lease one's own, and whose. */
export interface DivisionClaim extends LeaseClaim {
  readonly stream: string;
  readonly instance: string;
  readonly ttlMs: number;
}

export function emptyDivision(): Division {
  return { changes: 0, streams: new Map(), paused: new Set(), flushes: new Map() };
}

export function copyDivision({ changes, streams, paused, flushes }: Division): Division {
  return {
    changes,
    streams: new Map(streams),
    paused: new Set(paused),
    flushes: new Map(flushes),
  };
}

export function claimOf(division: Division, stream: string): DivisionClaim | undefined {
  const { generation, holder } = division.streams.get(stream) ?? {};
  if (generation === undefined || holder === undefined) return undefined;
  const { owner, instance, since, ttlMs } = holder;
  return { stream, generation, owner, instance, since, ttlMs };
}

/** By stream. */
export function claimsOf(division: Division): DivisionClaim[] {
  return [...division.streams.keys()].sort().flatMap((stream) => claimOf(division, stream) ?? []);
}

/** Ends a claim; its generation is remembered. */
export function dropClaim(division: Division, { stream, generation }: DivisionClaim): void {
  division.streams.set(stream, { generation });
  division.changes++;
}

/** `id` is another one for each version, so that no ETag comes twice. */
export function formatDivision(division: Division, id: string): string {
  const { changes, streams, paused, flushes } = division;
  return JSON.stringify({
    v: VERSION,
    id,
    changes,
    streams: Object.fromEntries(streams),
    paused: [...paused],
    flushes: Object.fromEntries(flushes),
  }) + "\n";
}

/** What is no division counts as an empty one: holders take their streams anew. */
export function parseDivision(given: string): Division {
  let said: unknown;
  try {
    said = JSON.parse(given);
  } catch {
    return emptyDivision();
  }
  assertKnown(said);
  try {
    const { changes, streams, paused, flushes } = WRITTEN(said, "", "left-out");
    return {
      changes,
      streams: new Map(Object.entries(streams)),
      paused: new Set(paused),
      flushes: new Map(Object.entries(flushes)),
    };
  } catch {
    return emptyDivision();
  }
}

const VERSION = 1;

function assertKnown(said: unknown): void {
  if (!isMap(said) || typeof said.v !== "number" || said.v <= VERSION) return;
  throw new PermanentError(
    `Cannot read who runs what: its version is ${said.v}, and this tributary knows ${VERSION}; ` +
      "use the newer version that wrote it",
  );
}

const STREAM = openObjectOf<DividedStream>({
  generation: wholeNumber(0),
  holder: openObjectOf<DivisionHolder>({
    owner: text(),
    instance: text(),
    since: text(),
    ttlMs: wholeNumber(0),
  }),
}, ["holder"]);

interface Written {
  readonly changes: number;
  readonly streams: Readonly<Record<string, DividedStream>>;
  readonly paused: readonly string[];
  readonly flushes: Readonly<Record<string, string>>;
}

const WRITTEN = openObjectOf<Written>({
  changes: wholeNumber(0),
  streams: recordOf(STREAM),
  paused: arrayOf(text()),
  flushes: recordOf(text()),
});

function recordOf<T>(shape: Shape<T>): Shape<Record<string, T>> {
  return (value, at, strangers) => {
    const entries = isMap(value) ? Object.entries(value) : [];
    return Object.fromEntries(entries.map(([key, each]) => [key, shape(each, at, strangers)]));
  };
}
