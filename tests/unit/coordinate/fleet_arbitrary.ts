import fc from "fast-check";
import type { Instance } from "../../../src/coordinate/assign/assign.ts";

export interface FleetCase {
  readonly streams: readonly string[];
  readonly instances: readonly Instance[];
  readonly owners: ReadonlyMap<string, string>;
}

export interface FleetSize {
  readonly streamsMax: number;
  readonly instancesMax: number;
  /** Whether instances know different streams, and some have failed there. */
  readonly isUneven: boolean;
}

/** Fleets in any state: held by members, by strangers, free, or by a member that does not know the stream. */
export function fleetCases(size: FleetSize): fc.Arbitrary<FleetCase> {
  const { streamsMax, instancesMax, isUneven } = size;
  return fc.record({
    streamCount: fc.integer({ min: 0, max: streamsMax }),
    salt: fc.integer({ min: 0, max: 1000 }),
    failed: fc.array(isUneven ? fc.integer({ min: 0, max: 3 }) : fc.constant(0), {
      minLength: 1,
      maxLength: instancesMax,
    }),
    known: fc.array(fc.boolean(), { minLength: 200, maxLength: 200 }),
    holders: fc.array(fc.integer({ min: -1, max: instancesMax }), {
      minLength: streamsMax,
      maxLength: streamsMax,
    }),
  }).map(({ streamCount, salt, failed, known, holders }) => {
    const streams = Array.from({ length: streamCount }, (_, i) => `collection.db.c${salt}-${i}`);
    const instances = failed.map((count, i) => ({
      owner: `host-${salt}-${i}`,
      streams: streams.filter((_, s) => !isUneven || known[(s * instancesMax + i) % 200]),
      failed: count,
    }));
    const owners = new Map(streams.flatMap((stream, i) => {
      const holder = holders[i]!;
      return holder < 0 ? [] : [[stream, instances[holder]?.owner ?? "stranger"] as const];
    }));
    return { streams, instances, owners };
  });
}

/** What a division costs: the sum of the squared loads, and how many streams leave an owner that could go on. */
export function costOf(
  { instances, owners }: FleetCase,
  assigned: ReadonlyMap<string, string>,
): { squares: number; moves: number } {
  const loads = new Map(instances.map(({ owner, failed = 0 }) => [owner, failed]));
  let moves = 0;
  for (const [stream, owner] of assigned) {
    loads.set(owner, loads.get(owner)! + 1);
    const before = instances.find((each) => each.owner === owners.get(stream));
    if (before?.streams.includes(stream) && before.owner !== owner) moves++;
  }
  return { squares: [...loads.values()].reduce((sum, load) => sum + load * load, 0), moves };
}

/** The least cost of all divisions there are. */
export function leastCost(fleet: FleetCase): { squares: number; moves: number } {
  const known = fleet.streams.filter((key) =>
    fleet.instances.some((each) => each.streams.includes(key))
  );
  let least = { squares: Infinity, moves: Infinity };
  const assigned = new Map<string, string>();
  const tryFrom = (at: number) => {
    if (at === known.length) {
      const cost = costOf(fleet, assigned);
      const isLess = cost.squares < least.squares ||
        (cost.squares === least.squares && cost.moves < least.moves);
      if (isLess) least = cost;
      return;
    }
    for (const { owner, streams } of fleet.instances) {
      if (!streams.includes(known[at]!)) continue;
      assigned.set(known[at]!, owner);
      tryFrom(at + 1);
    }
  };
  tryFrom(0);
  return least;
}
