import assert from "node:assert/strict";
import {
  holderOf,
  memberOf,
  ObjectWorld,
  REFRESH_MS,
  TTL_MS,
} from "../../../support/object_world.ts";

const STREAM = "collection.shop.orders";

Deno.test("a lease counts from the older of the last write that named it and the last read of the division", async () => {
  const world = new ObjectWorld();
  const { fleet, objects } = world.join(true);
  await world.do(fleet.members.announce(memberOf("a"), TTL_MS));
  const generation = (await world.do(fleet.leases.take(STREAM, holderOf("a"), TTL_MS)))!;
  const claim = { ...holderOf("a"), generation };
  await world.clock.advance(REFRESH_MS);
  objects.asked();
  assert.equal(await world.do(fleet.leases.refresh(STREAM, claim, TTL_MS)), "refreshed");
  assert.deepEqual(objects.asked().toSorted(), ["get division", "replace members/000001"]);
  await world.clock.advance(2000);
  assert.deepEqual(await world.do(fleet.leases.refresh(STREAM, claim, TTL_MS)), { agoMs: 2000 });
  assert.deepEqual(objects.asked(), [], "what others asked for is enough");
  // The member object is young, the division was read long ago: the older one counts.
  await world.clock.advance(4000);
  await world.do(fleet.members.announce(memberOf("a", { failed: 1 }), TTL_MS));
  objects.fate = (call) => call === "get division" ? "refused" : undefined;
  await world.clock.advance(6000);
  await assert.rejects(world.do(fleet.leases.refresh(STREAM, claim, TTL_MS)), /no answer/);
});

Deno.test("what was written before the machine slept is old, though its monotonic clock stood still", async () => {
  const world = new ObjectWorld();
  const { fleet, objects } = world.join(true);
  await world.do(fleet.members.announce(memberOf("a"), TTL_MS));
  const generation = (await world.do(fleet.leases.take(STREAM, holderOf("a"), TTL_MS)))!;
  const claim = { ...holderOf("a"), generation };
  assert.equal(await world.do(fleet.leases.refresh(STREAM, claim, TTL_MS)), "refreshed");
  world.clock.stepWall(REFRESH_MS);
  objects.asked();
  assert.equal(await world.do(fleet.leases.refresh(STREAM, claim, TTL_MS)), "refreshed");
  assert.deepEqual(objects.asked().toSorted(), ["get division", "replace members/000001"]);
});

Deno.test("a list does not make a lease live on: the claim that another one has is lost", async () => {
  const world = new ObjectWorld();
  const [a, b] = [world.join(true), world.join()];
  const generation = (await world.do(a.fleet.leases.take(STREAM, holderOf("a"), TTL_MS)))!;
  const claim = { ...holderOf("a"), generation };
  await world.do(a.fleet.leases.refresh(STREAM, claim, TTL_MS));
  await world.do(b.fleet.leases.releaseAny(STREAM));
  await world.do(b.fleet.leases.take(STREAM, holderOf("b"), TTL_MS));
  await world.clock.advance(REFRESH_MS);
  await world.do(a.fleet.members.list());
  assert.equal(await world.do(a.fleet.leases.refresh(STREAM, claim, TTL_MS)), "taken");
});

Deno.test("a refresh of many streams, of the member and of its news is one write", async () => {
  const world = new ObjectWorld();
  const { fleet, objects } = world.join(true);
  await world.do(fleet.members.announce(memberOf("a"), TTL_MS));
  const streams = Array.from({ length: 50 }, (_, i) => `collection.shop.c${i}`);
  const claims = await world.do(Promise.all(streams.map(async (stream) => {
    const generation = (await fleet.leases.take(stream, holderOf("a"), TTL_MS))!;
    return { ...holderOf("a"), generation };
  })));
  await world.clock.advance(REFRESH_MS);
  objects.asked();
  await world.do(Promise.all([
    ...streams.map((stream, i) => fleet.leases.refresh(stream, claims[i]!, TTL_MS)),
    fleet.members.announce(memberOf("a"), TTL_MS),
    fleet.news.tell({ owner: "a", streams: [] }, TTL_MS),
  ]));
  assert.deepEqual(objects.asked().toSorted(), ["get division", "replace members/000001"]);
});

Deno.test("leases that are refreshed together each have an answer, and what is lost is named no longer", async () => {
  const world = new ObjectWorld();
  const { fleet: { leases } } = world.join(true);
  const holder = holderOf("a");
  const claims = [];
  for (const stream of ["kept", "gone", "taken"]) {
    const generation = (await world.do(leases.take(stream, holder, TTL_MS)))!;
    claims.push({ stream, claim: { ...holder, generation } });
  }
  await world.do(leases.releaseAny("gone"));
  await world.do(leases.releaseAny("taken"));
  await world.do(leases.take("taken", holder, TTL_MS));
  await world.clock.advance(REFRESH_MS);
  const answers = await world.do(leases.refreshAll!(claims, TTL_MS));
  assert.deepEqual(answers, ["refreshed", "gone", "taken"]);
});

Deno.test("a look at others whose counters alone have changed is one list, and reads nobody", async () => {
  const world = new ObjectWorld();
  const looking = world.join(true);
  const others = ["a", "b", "c"].map((owner) => ({ owner, ...world.join() }));
  for (const { owner, fleet } of others) {
    await world.do(fleet.members.announce(memberOf(owner), TTL_MS));
  }
  assert.equal((await world.do(looking.fleet.members.list())).length, 3);
  await world.clock.advance(REFRESH_MS);
  for (const { owner, fleet } of others) {
    await world.do(fleet.members.announce(memberOf(owner), TTL_MS));
  }
  looking.objects.asked();
  const { members, leases, changes, orders } = looking.fleet;
  await world.do(orders.paused());
  await world.do(changes());
  await world.do(members.list());
  await world.do(leases.list());
  assert.deepEqual(looking.objects.asked(), ["get division", "list members/"]);
});

Deno.test("a lease for something else has a member object of its own", async () => {
  const world = new ObjectWorld();
  const [script, other] = [world.join(), world.join()];
  const generation = (await world.do(script.fleet.leases.take("nightly", holderOf("s"), TTL_MS)))!;
  const claim = { ...holderOf("s"), generation };
  for (let refreshes = 0; refreshes < 10; refreshes++) {
    await world.do(script.fleet.leases.refresh("nightly", claim, TTL_MS));
    await world.pass(REFRESH_MS, other.fleet);
  }
  assert.deepEqual((await world.do(other.fleet.leases.list())).map(({ owner }) => owner), ["s"]);
  assert.deepEqual(await world.do(other.fleet.members.list()), []);
});
