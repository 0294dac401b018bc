import assert from "node:assert/strict";
import fc from "fast-check";
import { assign } from "../../../../src/coordinate/assign/assign.ts";
import { costOf, fleetCases } from "../fleet_arbitrary.ts";

const LARGE = { streamsMax: 40, instancesMax: 7, isUneven: true };

Deno.test("assign gives every stream that somebody knows to one that knows it, and no other", () => {
  fc.assert(fc.property(fleetCases(LARGE), ({ streams, instances, owners }) => {
    const assigned = assign(streams, instances, owners);
    for (const stream of streams) {
      const knowing = instances.filter((each) => each.streams.includes(stream));
      const owner = assigned.get(stream);
      assert.equal(owner !== undefined, knowing.length > 0);
      if (owner !== undefined) assert(knowing.some((each) => each.owner === owner));
    }
    assert(assigned.size <= streams.length);
  }));
});

Deno.test("assign gives floor or ceil to each where all know all streams, moving only the excess", () => {
  const even = { ...LARGE, isUneven: false };
  fc.assert(fc.property(fleetCases(even), (fleet) => {
    const { streams, instances, owners } = fleet;
    const assigned = assign(streams, instances, owners);
    const held = (map: ReadonlyMap<string, string>) =>
      instances.map(({ owner }) => [...map.values()].filter((each) => each === owner).length);
    const floor = Math.floor(streams.length / instances.length);
    const larger = streams.length % instances.length;
    const loads = held(assigned);
    assert(loads.every((load) => load === floor || load === floor + 1), String(loads));
    assert.equal(loads.filter((load) => load > floor).length, larger);
    // What must move: all above the floor, except one each of as many as may have one more.
    const excess = held(owners).map((load) => Math.max(0, load - floor));
    const kept = Math.min(larger, excess.filter((count) => count > 0).length);
    const moves = excess.reduce((sum, count) => sum + count, 0) - kept;
    assert.equal(costOf(fleet, assigned).moves, moves);
  }));
});

Deno.test("assign is the same for every order of its arguments", () => {
  const shuffled = fleetCases(LARGE).chain((fleet) =>
    fc.record({
      fleet: fc.constant(fleet),
      streams: fc.shuffledSubarray([...fleet.streams], { minLength: fleet.streams.length }),
      instances: fc.shuffledSubarray([...fleet.instances], { minLength: fleet.instances.length }),
      owners: fc.shuffledSubarray([...fleet.owners], { minLength: fleet.owners.size }),
    })
  );
  fc.assert(fc.property(shuffled, ({ fleet, streams, instances, owners }) => {
    const again = instances.map((each) => ({ ...each, streams: each.streams.toReversed() }));
    assert.deepEqual(
      assign(streams, again, new Map(owners)),
      assign(fleet.streams, fleet.instances, fleet.owners),
    );
  }));
});

Deno.test("assign changes nothing once everybody has what it gave", () => {
  fc.assert(fc.property(fleetCases(LARGE), ({ streams, instances, owners }) => {
    const assigned = assign(streams, instances, owners);
    assert.deepEqual(assign(streams, instances, assigned), assigned);
  }));
});

Deno.test("assign gives the same while free streams are being taken, so that nobody takes too many", () => {
  const taking = fc.record({
    fleet: fleetCases({ ...LARGE, isUneven: false }),
    taken: fc.array(fc.boolean(), { minLength: LARGE.streamsMax, maxLength: LARGE.streamsMax }),
  });
  fc.assert(fc.property(taking, ({ fleet: { streams, instances }, taken }) => {
    const plan = assign(streams, instances, new Map());
    const some = new Map([...plan].filter((_, i) => taken[i]));
    assert.deepEqual(assign(streams, instances, some), plan);
  }));
});

Deno.test("assign keeps shares fair through any row of joins and leaves", () => {
  const steps = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 30 });
  fc.assert(fc.property(fc.integer({ min: 0, max: 40 }), steps, (streamCount, toggled) => {
    const streams = Array.from({ length: streamCount }, (_, i) => `collection.db.c${i}`);
    const present = new Set<number>([0]);
    let owners = new Map<string, string>();
    for (const which of toggled) {
      if (!present.delete(which) || present.size === 0) present.add(which);
      const instances = [...present].map((i) => ({ owner: `host-${i}`, streams }));
      owners = assign(streams, instances, owners);
      const loads = instances.map(({ owner }) =>
        [...owners.values()].filter((each) => each === owner).length
      );
      assert(Math.max(...loads) - Math.min(...loads) <= 1);
    }
  }));
});

Deno.test("assign counts failed streams as load, so that the others are not dragged after them", () => {
  const streams = ["a", "b", "c", "d", "e", "f"];
  const owners = new Map(streams.map((stream, i) => [stream, i < 3 ? "host-1" : "host-2"]));
  const broken = { owner: "host-3", streams, failed: 3 };
  const instances = [{ owner: "host-1", streams }, { owner: "host-2", streams }, broken];
  assert.deepEqual(assign(streams, instances, owners), owners);
});

Deno.test("assign without instances gives nothing to anybody", () => {
  assert.equal(assign(["a"], [], new Map([["a", "gone"]])).size, 0);
});
