import { balance } from "./balance.ts";
import { score } from "./rendezvous_hash.ts";

/** An instance as far as the division of streams looks at it. */
export interface Instance {
  readonly owner: string;
  /** The keys of the streams it can run; it gets no other. */
  readonly streams: readonly string[];
  /** Streams that have failed there lately count as its load, so that it is not given others for them. Default 0. */
  readonly failed?: number;
}

/**
 * Divides streams among instances; a pure function that all instances compute alike, whatever the order of its arguments.
 *
 * - Every stream that some instance knows is assigned, to one that knows it.
 * - Loads (streams, and failed ones) are as equal as that allows: no other division has a smaller sum of their squares.
 *   Where all know all streams, and none has failed, that is `floor` or `ceil` of streams/instances.
 * - Among such divisions one that takes the fewest streams from their owner.
 * - Free streams go where rendezvous hashing puts them, as long as there is room: so instances that look while the others
 *   take their shares see the same division.
 *
 * @param owners the owner ids by stream, of streams that are held; an owner that is no instance does not count
 * @returns the owner ids by stream
 */
export function assign(
  streams: readonly string[],
  instances: readonly Instance[],
  owners: ReadonlyMap<string, string>,
): Map<string, string> {
  const sorted = instances.toSorted((a, b) => a.owner < b.owner ? -1 : 1);
  const knows = sorted.map((each) => new Set(each.streams));
  const indexOf = new Map(sorted.map(({ owner }, index) => [owner, index]));
  const loads = sorted.map(({ failed = 0 }) => failed);
  const known = [...new Set(streams)].sort().filter((key) => knows.some((set) => set.has(key)));
  // Nothing is to be divided, and it is asked for again every few seconds.
  const [only, other] = sorted;
  if (only !== undefined && other === undefined) {
    return new Map(known.map((stream) => [stream, only.owner]));
  }
  const place = new Map<string, number>();
  const home = new Map<string, number>();
  for (const stream of known) {
    const index = indexOf.get(owners.get(stream) ?? "");
    if (index === undefined || !knows[index]!.has(stream)) continue;
    home.set(stream, index);
    place.set(stream, index);
    loads[index]!++;
  }
  const free = known.filter((stream) => !place.has(stream));
  fill(free, sorted, knows, loads, place);
  balance({ known, knows, loads, place, home, owners: sorted.map(({ owner }) => owner) });
  return new Map(known.map((stream) => [stream, sorted[place.get(stream)!]!.owner]));
}

/** Gives out the free streams: the pair with the highest score first, each instance up to its quota. */
function fill(
  free: readonly string[],
  instances: readonly Instance[],
  knows: readonly ReadonlySet<string>[],
  loads: number[],
  place: Map<string, number>,
): void {
  const quotas = quotasFor(loads, free.length, instances);
  const pairs = free.flatMap((stream) =>
    instances.flatMap(({ owner }, index) =>
      knows[index]!.has(stream) ? [{ stream, index, score: score(stream, owner) }] : []
    )
  );
  const put = (stream: string, index: number) => {
    place.set(stream, index);
    loads[index]!++;
  };
  for (const { stream, index } of pairs.sort(byScore)) {
    if (!place.has(stream) && loads[index]! < quotas[index]!) put(stream, index);
  }
  // Those who know these are full: they get more than their quota, and `balance` moves others away where it can.
  for (const stream of free.filter((each) => !place.has(each))) {
    const knowing = loads.map((_, index) => index).filter((index) => knows[index]!.has(stream));
    put(stream, knowing.reduce((least, index) => loads[index]! < loads[least]! ? index : least));
  }
}

interface Pair {
  readonly stream: string;
  readonly index: number;
  readonly score: number;
}

function byScore(a: Pair, b: Pair): number {
  return b.score - a.score || (a.stream < b.stream ? -1 : a.stream > b.stream ? 1 : 0) ||
    a.index - b.index;
}

/** What each instance would hold if all knew all: those that hold more than the floor already get the larger shares. */
function quotasFor(
  loads: readonly number[],
  freeCount: number,
  instances: readonly Instance[],
): number[] {
  const total = loads.reduce((sum, load) => sum + load, freeCount);
  const floor = Math.floor(total / loads.length);
  const larger = loads.map((load, index) => ({
    index,
    isFull: load > floor,
    score: score("", instances[index]!.owner),
  })).sort((a, b) => Number(b.isFull) - Number(a.isFull) || b.score - a.score || a.index - b.index)
    .slice(0, total % loads.length).map(({ index }) => index);
  return loads.map((_, index) => floor + (larger.includes(index) ? 1 : 0));
}
