import type { Mutation } from "./mutation.ts";

/** Ways to break the leases in objects. */
export const LEASE_MUTATIONS: readonly Mutation[] = [
  {
    name: "leases in objects: dead after a part of the TTL",
    file: "src/coordinate/objects/observer.ts",
    from: "read.ms - seenMs >= read.object.ttlMs;",
    to: "read.ms - seenMs >= read.object.ttlMs / 4;",
  },
  {
    name: "leases in objects: take what another one has",
    file: "src/coordinate/objects/object_fleet.ts",
    from:
      "        if (current !== undefined && current.owner !== holder.owner) return undefined;\n",
    to: "        void current;\n",
    firstSeed: 200,
  },
  {
    name: "leases in objects: keep what is lost where many are refreshed together",
    file: "src/coordinate/objects/object_fleet.ts",
    from: "      if (current !== undefined && isSameClaim(current, claim)) return held;\n",
    to: "      if (current !== undefined || claim !== undefined) return held;\n",
    firstSeed: 25,
  },
  {
    name: "leases in objects: drop what is not named at once",
    file: "src/coordinate/objects/observer.ts",
    from: "return this.#options.silenceClock.monotonicMs() - sinceMs >= ttlMs;",
    to: "return this.#options.clock.monotonicMs() - sinceMs >= 0 * ttlMs;",
  },
  {
    name: "leases in objects: never drop what is not named",
    file: "src/coordinate/objects/observer.ts",
    from: "return this.#options.silenceClock.monotonicMs() - sinceMs >= ttlMs;",
    to: "return this.#options.silenceClock.monotonicMs() - sinceMs >= ttlMs * 1e9;",
    firstSeed: 60,
  },
  {
    name: "leases in objects: drop with a dead member what it has taken since",
    file: "src/coordinate/objects/observer.ts",
    from: "      fallen.has(idOf(claim)) ||",
    to: "      gone.some(({ object }) => object!.owner === claim.owner) ||",
    also: [{
      file: "src/coordinate/objects/object_fleet.ts",
      from: "  const clock = sleeplessClock(options.clock);",
      to: "  const { clock } = options; void sleeplessClock;",
    }],
    firstSeed: 36,
  },
  {
    name: "leave what a rival has paused to whoever sees first that it goes on",
    file: "src/coordinate/rivals.ts",
    from: " || paused?.includes(stream) === true;",
    to: " || (void paused, false);",
    firstSeed: 12744,
  },
];
