import assert from "node:assert/strict";
import { POLL_OFTEN } from "../../../src/coordinate/fleet.ts";
import { FleetWorld, REFRESH_MS, RETRY_MS, TTL_MS } from "./fleet_world.ts";

const STREAMS = Array.from({ length: 12 }, (_, i) => `collection.shop.c${i}`);

/** What looking after an expiry and taking a lease may cost. */
const SMALL_MS = 100;

function evenLoads(world: FleetWorld, ...owners: string[]): boolean {
  const loads = world.loads();
  const counts = owners.map((owner) => loads[owner] ?? 0);
  return world.isOneReaderEach() && Object.keys(loads).length === owners.length &&
    Math.max(...counts) - Math.min(...counts) <= 1;
}

Deno.test("coordinate runs all streams where nobody else is, and gives all back when stopped", async () => {
  const world = new FleetWorld(STREAMS);
  const a = world.start("a");
  await world.clock.settle();
  assert.deepEqual(world.loads(), { a: 12 });
  assert.equal(a.typesOf("lock-acquired").length, 12);
  await world.clock.advance(10 * TTL_MS);
  assert.deepEqual(a.typesOf("lock-lost", "lock-released", "store-away"), []);
  a.stop();
  assert.equal(await world.clock.finish(a.outcome), "stopped");
  assert.deepEqual(await world.shared.leases.list(), []);
  assert.deepEqual(await world.shared.members.list(), []);
  assert.equal(world.clock.timerCount, 0);
  for (const event of a.typesOf("lock-released")) {
    assert(event.type === "lock-released" && event.reason === "stopped");
    assert.equal(event.drainMs, a.behaviour.drainMs);
  }
});

Deno.test("coordinate alone asks nobody for news and sets no timers but its look around", async () => {
  const world = new FleetWorld(STREAMS);
  const a = world.start("a", { isShared: false });
  await world.clock.settle();
  assert.equal(world.clock.timerCount, 1);
  await world.clock.advance(10 * TTL_MS);
  assert.deepEqual(world.loads(), { a: 12 });
  a.stop();
  assert.equal(await world.clock.finish(a.outcome), "stopped");
});

Deno.test("coordinate asks for changes as often as the store wants to be asked", async () => {
  const world = new FleetWorld(STREAMS);
  const rarely = { ...POLL_OFTEN, changesMs: 4000 };
  const [a, b] = [world.start("a", { poll: rarely }), world.start("b")];
  await world.clock.until(() => evenLoads(world, "a", "b"));
  const [before, beforeOften] = [a!.changesAsked, b!.changesAsked];
  await world.clock.advance(10 * TTL_MS);
  // Before, during and after each wait for the next look around, which is every five seconds.
  const asked = a!.changesAsked - before;
  assert(asked >= 120 && asked <= 190, String(asked));
  assert(b!.changesAsked - beforeOften > 1000);
  for (const each of [a!, b!]) each.stop();
  await world.clock.finish(Promise.all([a!.outcome, b!.outcome]));
});

Deno.test("instances that join get their share at once, with little silence", async () => {
  const world = new FleetWorld(STREAMS);
  const all = [world.start("a")];
  await world.clock.advance(60_000);
  for (const owner of ["b", "c", "d"]) {
    const joinedMs = world.clock.monotonicMs();
    all.push(world.start(owner));
    await world.clock.until(() => evenLoads(world, ...all.map((each) => each.owner)), RETRY_MS);
    await world.clock.advance(60_000);
    const silenceMs = world.silenceMs(joinedMs);
    assert(silenceMs > 0 && silenceMs < 400, `${silenceMs} ms`);
  }
  assert.deepEqual(world.overlaps(), []);
  // Nothing moved but what had to: 6, then 4, then 3.
  assert.equal(all.flatMap((each) => each.typesOf("lock-released")).length, 6 + 4 + 3);
  for (const each of all) each.stop();
  await world.clock.finish(Promise.all(all.map(({ outcome }) => outcome)));
});

Deno.test("instances that start together share without giving anything back", async () => {
  const world = new FleetWorld(STREAMS);
  const all = ["a", "b", "c"].map((owner) => world.start(owner));
  await world.clock.until(() => evenLoads(world, "a", "b", "c"), TTL_MS);
  for (const each of all) each.stop();
  await world.clock.finish(Promise.all(all.map(({ outcome }) => outcome)));
  assert.deepEqual(world.overlaps(), []);
});

Deno.test("the streams of an instance that is stopped go on elsewhere, with little silence", async () => {
  const world = new FleetWorld(STREAMS);
  const [a, b, c] = ["a", "b", "c"].map((owner) => world.start(owner));
  await world.clock.until(() => evenLoads(world, "a", "b", "c"));
  await world.clock.advance(60_000);
  const stoppedMs = world.clock.monotonicMs();
  b!.stop();
  assert.equal(await world.clock.finish(b!.outcome), "stopped");
  await world.clock.until(() => evenLoads(world, "a", "c"), RETRY_MS);
  const silenceMs = world.silenceMs(stoppedMs);
  assert(silenceMs > 0 && silenceMs < 400, `${silenceMs} ms`);
  assert.deepEqual(world.overlaps(), []);
  a!.stop();
  c!.stop();
  await world.clock.finish(Promise.all([a!.outcome, c!.outcome]));
});

Deno.test("the streams of an instance that crashed go on as soon as its leases have expired", async () => {
  const world = new FleetWorld(STREAMS);
  const [a, b, c] = ["a", "b", "c"].map((owner) => world.start(owner));
  await world.clock.until(() => evenLoads(world, "a", "b", "c"));
  for (const crashedAfterMs of [60_000, 63_000, 69_999]) {
    await world.clock.advance(crashedAfterMs);
    const victim = world.start(`victim-${crashedAfterMs}`);
    await world.clock.until(() => evenLoads(world, "a", "b", "c", victim.owner));
    await world.clock.advance(crashedAfterMs);
    victim.crash();
    assert.equal(world.isOneReaderEach(), false);
    await world.clock.until(() => evenLoads(world, "a", "b", "c"), TTL_MS + SMALL_MS);
  }
  assert.deepEqual(world.overlaps(), []);
  for (const each of [a!, b!, c!]) each.stop();
  await world.clock.finish(Promise.all([a!, b!, c!].map(({ outcome }) => outcome)));
});

Deno.test("while the store is away holders run on to their deadline, then everything resumes", async () => {
  const world = new FleetWorld(STREAMS);
  const all = ["a", "b", "c"].map((owner) => world.start(owner));
  await world.clock.until(() => evenLoads(world, "a", "b", "c"));
  await world.clock.advance(60_000);
  for (const each of all) each.isStoreAway = true;
  await world.clock.advance(16_000);
  assert.equal(world.isOneReaderEach(), true);
  await world.clock.advance(TTL_MS);
  assert.deepEqual(world.loads(), {});
  for (const each of all) {
    assert.equal(each.typesOf("store-away").length, 1);
    assert.equal(each.typesOf("lock-lost").length, 4);
  }
  const beforeMs = world.clock.monotonicMs();
  await world.clock.advance(10 * TTL_MS);
  for (const each of all) each.isStoreAway = false;
  await world.clock.until(() => evenLoads(world, "a", "b", "c"), RETRY_MS + 1000);
  for (const each of all) {
    const [back] = each.typesOf("store-back");
    assert(back?.type === "store-back" && back.awayMs > world.clock.monotonicMs() - beforeMs);
    each.stop();
  }
  await world.clock.finish(Promise.all(all.map(({ outcome }) => outcome)));
  assert.deepEqual(world.overlaps(), []);
});

Deno.test("a short absence of the store stops nothing", async () => {
  const world = new FleetWorld(STREAMS);
  const all = ["a", "b"].map((owner) => world.start(owner));
  await world.clock.until(() => evenLoads(world, "a", "b"));
  await world.clock.advance(60_000);
  for (const each of all) each.isStoreAway = true;
  await world.clock.advance(TTL_MS / 2);
  for (const each of all) each.isStoreAway = false;
  await world.clock.advance(10 * TTL_MS);
  for (const each of all) assert.deepEqual(each.typesOf("lock-lost", "lock-released"), []);
  assert(evenLoads(world, "a", "b"));
  for (const each of all) each.stop();
  await world.clock.finish(Promise.all(all.map(({ outcome }) => outcome)));
});

Deno.test("an instance cut off from the store stops before another one starts", async () => {
  const world = new FleetWorld(STREAMS);
  const [a, b] = ["a", "b"].map((owner) => world.start(owner));
  await world.clock.until(() => evenLoads(world, "a", "b"));
  await world.clock.advance(60_000);
  b!.isStoreAway = true;
  await world.clock.until(() => evenLoads(world, "a"), TTL_MS + SMALL_MS);
  assert.deepEqual(world.overlaps(), []);
  b!.isStoreAway = false;
  await world.clock.until(() => evenLoads(world, "a", "b"), 2 * RETRY_MS);
  assert.deepEqual(world.overlaps(), []);
  for (const each of [a!, b!]) each.stop();
  await world.clock.finish(Promise.all([a!.outcome, b!.outcome]));
});

Deno.test("a process that stood still for longer than the TTL stops as soon as it goes on", async () => {
  const world = new FleetWorld(STREAMS);
  const [a, b] = ["a", "b"].map((owner) => world.start(owner));
  await world.clock.until(() => evenLoads(world, "a", "b"));
  await world.clock.advance(60_000);
  a!.freeze();
  await world.clock.until(() => world.loads().b === 12, TTL_MS + SMALL_MS);
  await world.clock.advance(2 * TTL_MS);
  const thawedMs = world.clock.monotonicMs();
  a!.thaw();
  await world.clock.settle();
  assert.deepEqual(world.loads(), { b: 12 });
  assert.equal(a!.typesOf("lock-lost").length, 6);
  for (const [zombie] of world.overlaps()) assert.equal(zombie!.toMs, thawedMs);
  await world.clock.until(() => evenLoads(world, "a", "b"), RETRY_MS);
  for (const each of [a!, b!]) each.stop();
  await world.clock.finish(Promise.all([a!.outcome, b!.outcome]));
});

Deno.test("a store that has forgotten everything is filled again, and nobody reads on without a lease", async () => {
  const world = new FleetWorld(STREAMS);
  const all = ["a", "b", "c"].map((owner) => world.start(owner));
  await world.clock.until(() => evenLoads(world, "a", "b", "c"));
  await world.clock.advance(60_000);
  world.forget();
  await world.clock.advance(RETRY_MS);
  assert(evenLoads(world, "a", "b", "c"));
  assert.equal((await world.shared.members.list()).length, 3);
  const leases = await world.shared.leases.list();
  const readers = world.readers();
  assert.equal(leases.length, STREAMS.length);
  for (const { stream, owner } of leases) assert.deepEqual(readers.get(stream), [owner]);
  for (const each of all) each.stop();
  await world.clock.finish(Promise.all(all.map(({ outcome }) => outcome)));
});

Deno.test("a lease that a person ends is noticed at once and taken again with a higher generation", async () => {
  const world = new FleetWorld(STREAMS);
  const a = world.start("a");
  await world.clock.advance(1000);
  await world.shared.leases.releaseAny(STREAMS[3]!);
  await world.clock.until(() => a.typesOf("lock-lost").length === 1, 1000);
  await world.clock.until(() => world.isOneReaderEach(), 1000);
  const generations = (await world.shared.leases.list()).map(({ generation }) => generation);
  assert.deepEqual(generations.toSorted(), [...new Array(11).fill(1), 2]);
  a.stop();
  await world.clock.finish(a.outcome);
});

Deno.test("a stream that hangs loses its lease and goes on elsewhere", async () => {
  const world = new FleetWorld(["deployment"]);
  const a = world.start("a");
  await world.clock.advance(1000);
  const b = world.start("b");
  await world.clock.advance(60_000);
  assert.deepEqual(world.loads(), { a: 1 });
  a.behaviour.hangs = true;
  const limitMs = REFRESH_MS + TTL_MS + 2 * RETRY_MS;
  await world.clock.until(() => world.loads().b === 1, limitMs);
  assert.equal(a.typesOf("lock-lost").length, 1);
  a.crash();
  b.stop();
  await world.clock.finish(b.outcome);
});

/** A stream that failed is tried again after so long at the latest, however often it did. */
Deno.test("streams come and go while it runs", async () => {
  const world = new FleetWorld(["x"]);
  const a = world.start("a");
  const b = world.start("b");
  await world.clock.until(() => world.isOneReaderEach());
  world.streams = ["y", "z"];
  a.ringStreams();
  b.ringStreams();
  await world.clock.until(() => evenLoads(world, "a", "b"), RETRY_MS);
  await world.clock.advance(1000);
  const released = [a, b].flatMap((each) => each.typesOf("lock-released"));
  assert(released.length === 1 && released[0]!.type === "lock-released");
  assert.equal(released[0].reason, "finished");
  a.stop();
  b.stop();
  await world.clock.finish(Promise.all([a.outcome, b.outcome]));
});

Deno.test("an instance looks for streams that it hears of from another one, once", async () => {
  const world = new FleetWorld(["x"]);
  const known = { a: ["x"], b: ["x"] };
  const looks = { a: 0, b: 0 };
  const start = (owner: "a" | "b") =>
    world.start(owner, { streams: () => known[owner], onUnknownStreams: () => looks[owner]++ });
  const a = start("a");
  const b = start("b");
  await world.clock.until(() => world.isOneReaderEach());
  known.a = ["x", "y", "z"];
  a.ringStreams();
  await world.clock.until(() => looks.b === 1, 1000);
  // It finds them, or is set to run other streams and does not; then there is nothing more to look for.
  await world.clock.advance(60_000);
  assert.deepEqual(looks, { a: 0, b: 1 });
  known.b = ["x", "y", "z"];
  b.ringStreams();
  known.a = ["x", "y", "z", "w"];
  a.ringStreams();
  await world.clock.until(() => looks.b === 2, 1000);
  a.stop();
  b.stop();
  await world.clock.finish(Promise.all([a.outcome, b.outcome]));
  assert.equal(looks.a, 0);
});

Deno.test("a stream that ends by itself is given back and left alone", async () => {
  const world = new FleetWorld(["x"]);
  const a = world.start("a", { isShared: false });
  a.behaviour.finishes = true;
  await world.clock.advance(60_000);
  assert.equal(a.typesOf("lock-acquired").length, 1);
  assert.equal(a.typesOf("lock-released").length, 1);
  a.stop();
  assert.equal(await world.clock.finish(a.outcome), "stopped");
});

Deno.test("instances run only what they know", async () => {
  const world = new FleetWorld(["x", "y", "z"]);
  const a = world.start("a", { streams: () => ["x", "y"] });
  const b = world.start("b", { streams: () => ["y", "z"] });
  await world.clock.until(() => world.isOneReaderEach(), TTL_MS);
  const readers = world.readers();
  assert.deepEqual(readers.get("x"), ["a"]);
  assert.deepEqual(readers.get("z"), ["b"]);
  a.stop();
  await world.clock.finish(a.outcome);
  await world.clock.until(() => world.readers().get("y")?.[0] === "b", RETRY_MS);
  assert.deepEqual(world.readers().get("x"), []);
  b.stop();
  await world.clock.finish(b.outcome);
});

Deno.test("a stop while the store is away ends as soon as the streams have", async () => {
  const world = new FleetWorld(STREAMS);
  const a = world.start("a");
  await world.clock.advance(1000);
  a.isStoreAway = true;
  a.stop();
  assert.equal(await world.clock.finish(a.outcome, 1000), "stopped");
  assert.equal(a.typesOf("lock-release-failed").length, 12);
});
