import assert from "node:assert/strict";
import fc from "fast-check";
import { assign } from "../../../../src/coordinate/assign/assign.ts";
import { balance } from "../../../../src/coordinate/assign/balance.ts";
import { costOf, fleetCases, leastCost } from "../fleet_arbitrary.ts";

Deno.test("balance finds the fairest division with the fewest moves of all there are", () => {
  const small = fleetCases({ streamsMax: 6, instancesMax: 3, isUneven: true });
  fc.assert(
    fc.property(small, (fleet) => {
      const assigned = assign(fleet.streams, fleet.instances, fleet.owners);
      assert.deepEqual(costOf(fleet, assigned), leastCost(fleet));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("balance passes streams on over an instance that knows both sides", () => {
  // Only the middle one knows what the full one could give and what the empty one can take.
  const place = new Map([["a", 0], ["b", 0], ["c", 0], ["d", 1]]);
  const division = {
    known: ["a", "b", "c", "d"],
    owners: ["full", "middle", "empty"],
    knows: [new Set(["a", "b", "c"]), new Set(["a", "d"]), new Set(["d"])],
    loads: [3, 1, 0],
    place,
    home: new Map(place),
  };
  balance(division);
  assert.deepEqual(division.loads, [2, 1, 1]);
  assert.deepEqual([...place], [["a", 1], ["b", 0], ["c", 0], ["d", 2]]);
});
