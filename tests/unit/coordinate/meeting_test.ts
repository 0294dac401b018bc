import assert from "node:assert/strict";
import { openFleet } from "../../../src/coordinate/open_fleet.ts";
import { createMeeting } from "../../../src/coordinate/meeting.ts";
import { SeededRandom } from "../../support/seeded_random.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

const TTL_MS = 30_000;

function meet() {
  const clock = new VirtualClock();
  const random = new SeededRandom(1);
  const fleet = openFleet({ kind: "memory" }, clock, random);
  const stop = new AbortController();
  const state = {
    load: () => Promise.resolve(undefined),
    save: () => Promise.resolve(),
    list: () => Promise.resolve(new Map()),
  };
  const parts = { fleet, state, clock, random, signal: stop.signal };
  const as = (owner: string) => createMeeting({ ...parts, owner, instance: owner });
  return { clock, fleet, stop, as };
}

Deno.test("createMeeting holds a lease and keeps it refreshed until it is released", async () => {
  const { clock, as } = meet();
  const lease = (await as("a").hold("nightly", { ttlMs: TTL_MS, isPatient: false }))!;
  await clock.advance(10 * TTL_MS);
  assert.equal(lease.isValid(), true);
  assert.equal(await as("b").hold("nightly", { ttlMs: TTL_MS, isPatient: false }), undefined);
  assert.deepEqual((await as("b").leases()).map(({ owner }) => owner), ["a"]);
  await lease.release();
  assert.equal(clock.timerCount, 0);
});

Deno.test("createMeeting waits for a lease where that is wished, until told to stop", async () => {
  const { clock, as, stop } = meet();
  const lease = (await as("a").hold("nightly", { ttlMs: TTL_MS, isPatient: false }))!;
  const waiting = as("b").hold("nightly", { ttlMs: TTL_MS, isPatient: true });
  await clock.advance(5000);
  await lease.release();
  const next = (await clock.finish(waiting))!;
  assert.equal(next.owner, "b");
  const inVain = as("c").hold("nightly", { ttlMs: TTL_MS, isPatient: true });
  await clock.advance(5000);
  stop.abort();
  assert.equal(await inVain, undefined);
  await next.release();
});

Deno.test("createMeeting asks for a lease as often as the backend wants to be asked", async () => {
  const { clock, as, fleet, stop } = meet();
  const lease = (await as("a").hold("nightly", { ttlMs: TTL_MS, isPatient: false }))!;
  let asked = 0;
  const { take } = fleet.leases;
  fleet.leases.take = (...args) => {
    asked++;
    return take(...args);
  };
  const waiting = as("b").hold("nightly", { ttlMs: TTL_MS, isPatient: true });
  await clock.advance(10 * fleet.poll.leaseMs - 1);
  assert.equal(asked, 10);
  stop.abort();
  assert.equal(await waiting, undefined);
  await lease.release();
});

Deno.test("createMeeting ends the lease of another one, and shows the fleet", async () => {
  const { as, clock } = meet();
  const lease = (await as("a").hold("database.shop", { ttlMs: TTL_MS, isPatient: false }))!;
  const view = await as("b").view();
  assert.deepEqual(view.streams.map(({ owner }) => owner), ["a"]);
  assert.equal(await as("b").release("database.shop"), true);
  assert.equal(await as("b").release("database.shop"), false);
  await clock.advance(TTL_MS);
  assert.equal(lease.signal.aborted, true);
});
