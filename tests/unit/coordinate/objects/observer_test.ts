import assert from "node:assert/strict";
import { dropClaim } from "../../../../src/coordinate/objects/division.ts";
import { createObjectFleet } from "../../../../src/coordinate/objects/object_fleet.ts";
import { sparingTiming } from "../../../../src/coordinate/objects/object_polling.ts";
import { Observer } from "../../../../src/coordinate/objects/observer.ts";
import { SharedDivision } from "../../../../src/coordinate/objects/shared_division.ts";
import { type Fleet, POLL_OFTEN } from "../../../../src/coordinate/fleet.ts";
import {
  holderOf,
  memberOf,
  ObjectWorld,
  REFRESH_MS,
  TTL_MS,
} from "../../../support/object_world.ts";

const STREAM = "collection.shop.orders";

/** One that runs a stream, and one that looks. */
async function runningAndLooking() {
  const world = new ObjectWorld();
  const a = world.join();
  const b = world.join();
  await world.do(a.fleet.members.announce(memberOf("a"), TTL_MS));
  const generation = (await world.do(a.fleet.leases.take(STREAM, holderOf("a"), TTL_MS)))!;
  const claim = { ...holderOf("a"), generation };
  const refresh = () => world.do(a.fleet.leases.refresh(STREAM, claim, TTL_MS));
  assert.equal(await refresh(), "refreshed");
  return { world, a, b, claim, refresh };
}

async function holders(world: ObjectWorld, fleet: Fleet): Promise<string[]> {
  return (await world.do(fleet.leases.list())).map(({ owner }) => owner);
}

Deno.test("a claim that its living owner does not name is free after its TTL", async () => {
  const { world, b, refresh } = await runningAndLooking();
  // A swap whose answer was lost: nobody runs what it claims.
  const division = new SharedDivision(world.objects, world.clock, world.random, 0);
  await world.do(division.change((draft) => {
    const holder = { ...holderOf("a"), ttlMs: TTL_MS };
    draft.streams.set("collection.shop.items", { generation: 4, holder });
  }));
  for (let ms = 0; ms < TTL_MS - 2000; ms += 2000) {
    await refresh();
    await world.pass(2000, b.fleet);
    assert.deepEqual(await holders(world, b.fleet), ["a", "a"]);
  }
  await world.pass(4000, b.fleet);
  assert.deepEqual(await holders(world, b.fleet), ["a"], "it names the other");
  assert.equal(
    await world.do(b.fleet.leases.take("collection.shop.items", holderOf("b"), TTL_MS)),
    5,
  );
});

Deno.test("a clock that is set forward makes nobody silent", async () => {
  const { world, b } = await runningAndLooking();
  for (let steppedMs = 0; steppedMs <= TTL_MS; steppedMs += 9000) {
    assert.deepEqual(await holders(world, b.fleet), ["a"]);
    world.clock.stepWall(9000);
  }
  assert.deepEqual(await holders(world, b.fleet), ["a"]);
});

Deno.test("a stream that hangs is given up by who runs it, after its TTL", async () => {
  const { world, a, b } = await runningAndLooking();
  // The instance lives; nothing says of the stream that it runs.
  for (let ms = 0; ms < TTL_MS; ms += 2000) {
    assert.deepEqual(await holders(world, b.fleet), ["a"]);
    await world.pass(2000, b.fleet);
    await world.do(a.fleet.members.announce(memberOf("a"), TTL_MS));
  }
  await world.clock.advance(100);
  assert.deepEqual(await holders(world, b.fleet), []);
});

Deno.test("a claim that is named as ever is nobody else's, however long", async () => {
  const { world, b, refresh } = await runningAndLooking();
  for (let refreshes = 0; refreshes < 12; refreshes++) {
    await world.pass(REFRESH_MS, b.fleet);
    assert.equal(await refresh(), "refreshed");
    assert.deepEqual(await holders(world, b.fleet), ["a"]);
  }
});

Deno.test("who writes nothing for a TTL is dead, and its streams and its slot are free for all to see", async () => {
  const { world, b } = await runningAndLooking();
  await world.pass(TTL_MS - 2000, b.fleet);
  assert.deepEqual(await holders(world, b.fleet), ["a"]);
  await world.pass(4000, b.fleet);
  const c = world.join();
  assert.deepEqual(await holders(world, c.fleet), []);
  assert.deepEqual(await world.do(c.fleet.members.list()), []);
  await world.do(b.fleet.members.announce(memberOf("b"), TTL_MS));
  assert.deepEqual([...(await world.objects.list("members/")).keys()], ["members/000001"]);
});

Deno.test("nobody is dead of an old list: a read that began after the TTL says so", async () => {
  const { world, b, refresh } = await runningAndLooking();
  await world.do(b.fleet.members.list());
  const old = await world.objects.list("");
  b.objects.listed = (prefix) =>
    Promise.resolve(new Map([...old].filter(([key]) => key.startsWith(prefix))));
  for (let ms = 0; ms < 3 * TTL_MS; ms += REFRESH_MS) {
    await world.pass(REFRESH_MS, b.fleet);
    assert.equal(await refresh(), "refreshed");
  }
  assert.deepEqual(await holders(world, b.fleet), ["a"]);
});

Deno.test("an old list that shows an earlier version is no sign of life", async () => {
  const { world, b, refresh } = await runningAndLooking();
  await world.do(b.fleet.members.list());
  const old = await world.objects.list("members/");
  await world.clock.advance(1);
  assert.equal(await refresh(), "refreshed");
  const now = await world.objects.list("members/");
  let turn = 0;
  b.objects.listed = () => Promise.resolve(turn++ % 2 === 0 ? now : old);
  await world.pass(TTL_MS + 4000, b.fleet);
  assert.deepEqual(await holders(world, b.fleet), []);
});

Deno.test("a list may show a version that is older than what was read first: nobody lives by it", async () => {
  const { world, refresh } = await runningAndLooking();
  const first = await world.objects.list("members/");
  await world.clock.advance(2000);
  await refresh();
  const c = world.join();
  await world.do(c.fleet.members.list());
  c.objects.listed = () => Promise.resolve(first);
  await world.pass(4000, c.fleet);
  c.objects.listed = undefined;
  await world.pass(TTL_MS, c.fleet);
  assert.deepEqual(await holders(world, c.fleet), []);
  c.objects.asked();
  await world.do(c.fleet.members.list());
  assert.deepEqual(c.objects.asked().filter((call) => call.startsWith("get members/")), []);
});

Deno.test("after a pause of one's own, or an outage, the observation begins anew", async () => {
  for (const kind of ["stopped", "away"] as const) {
    const { world, b, refresh } = await runningAndLooking();
    await world.pass(REFRESH_MS, b.fleet);
    if (kind === "away") {
      b.objects.fate = () => "refused";
      await world.pass(2 * TTL_MS, b.fleet);
      b.objects.fate = () => undefined;
    } else {
      await world.clock.advance(2 * TTL_MS);
    }
    // The owner was stopped as well, and comes back a moment later.
    assert.deepEqual(await holders(world, b.fleet), ["a"], kind);
    await world.pass(TTL_MS / 2, b.fleet);
    assert.deepEqual(await holders(world, b.fleet), ["a"], kind);
    await refresh();
    await world.pass(TTL_MS - 4000, b.fleet);
    assert.deepEqual(
      (await world.do(b.fleet.members.list())).map(({ owner }) => owner),
      ["a"],
      kind,
    );
  }
});

Deno.test("a write of before that arrives late shows no life, and its claims count for nothing", async () => {
  const { world, a, b, refresh } = await runningAndLooking();
  a.objects.fate = (call) => call.startsWith("replace members/") ? "held" : undefined;
  await world.clock.advance(1);
  await assert.rejects(refresh(), /no answer/);
  a.objects.fate = () => undefined;
  assert.equal(await refresh(), "refreshed");
  const before = await world.objects.list("members/");
  await a.objects.land();
  assert.deepEqual(await world.objects.list("members/"), before, "refused, by its ETag");
  assert.deepEqual(await holders(world, b.fleet), ["a"]);
});

Deno.test("a version with a lower counter is no sign of life", async () => {
  const { world, b, refresh } = await runningAndLooking();
  const earlier = await world.objects.get("members/000001");
  await world.clock.advance(1);
  await refresh();
  await world.do(b.fleet.members.list());
  const now = await world.objects.get("members/000001");
  assert(typeof earlier === "object" && typeof now === "object");
  await world.pass(TTL_MS - 6000, b.fleet);
  await world.objects.replace("members/000001", earlier.text, now.etag);
  await world.pass(10_000, b.fleet);
  assert.deepEqual(await holders(world, b.fleet), []);
});

Deno.test("with a dead member go the claims that it named, and none that it has taken since", async () => {
  const { world, a, b } = await runningAndLooking();
  await world.pass(TTL_MS - 2000, b.fleet);
  // It wakes, and has something before it says that it lives.
  const generation = await world.do(
    a.fleet.leases.take("collection.shop.items", holderOf("a"), TTL_MS),
  );
  const held = async () => (await world.do(b.fleet.leases.list())).map(({ stream }) => stream);
  await world.pass(6000, b.fleet);
  assert.deepEqual(await held(), ["collection.shop.items"]);
  const claim = { ...holderOf("a"), generation: generation! };
  const refresh = () => world.do(a.fleet.leases.refresh("collection.shop.items", claim, TTL_MS));
  assert.equal(await refresh(), "refreshed");
  await world.pass(TTL_MS - 2000, b.fleet);
  assert.deepEqual(await held(), ["collection.shop.items"], "it is named now");
});

Deno.test("what is judged is dropped only while it is what was judged", async () => {
  const world = new ObjectWorld();
  const division = new SharedDivision(world.objects, world.clock, world.random, 0);
  const { clock, random, objects } = world;
  const times = { lookMs: 0, listMs: 0, readMs: 0 };
  const observer = new Observer({
    objects,
    division,
    clock,
    silenceClock: clock,
    random,
    ...times,
  });
  await world.do(division.change((draft) => {
    draft.streams.set(STREAM, { generation: 1, holder: { ...holderOf("a"), ttlMs: TTL_MS } });
  }));
  for (let ms = 0; ms < TTL_MS - 2000; ms += 2000) {
    await world.do(observer.look());
    await clock.advance(2000);
  }
  // Somebody else has taken it meanwhile.
  await world.do(division.change((draft) => {
    dropClaim(draft, { stream: STREAM, generation: 1, ...holderOf("a"), ttlMs: TTL_MS });
    draft.streams.set(STREAM, { generation: 2, holder: { ...holderOf("c"), ttlMs: TTL_MS } });
  }));
  await clock.advance(4000);
  const { leases } = await world.do(observer.look());
  assert.deepEqual(leases.map(({ owner }) => owner), ["c"]);
});

Deno.test("who is known to have ended is dead for one that has just come", async () => {
  const { world } = await runningAndLooking();
  world.ended.add("a");
  const c = world.join();
  assert.deepEqual(await world.do(c.fleet.members.list()), []);
  assert.equal(await world.do(c.fleet.leases.take(STREAM, holderOf("c"), TTL_MS)), 2);
});

Deno.test("who is known to have ended is dead for its peers when it is silent, before its TTL is over", async () => {
  const { world, b } = await runningAndLooking();
  await world.pass(2000, b.fleet);
  world.ended.add("a");
  await world.pass(TTL_MS / 2 + 2000, b.fleet);
  assert.deepEqual(await holders(world, b.fleet), []);
});

Deno.test("who looks once, for a person, does not see whom the store has not heard of for a TTL", async () => {
  const { world } = await runningAndLooking();
  const lookOnce = async (ageMs: number) => {
    const { objects: { list, ...rest }, clock, random } = world;
    const objects = {
      ...rest,
      list: async (prefix: string) =>
        new Map([...await list(prefix)].map(([key, { etag }]) => [key, { etag, ageMs }])),
    };
    const timing = sparingTiming(REFRESH_MS);
    const fleet = createObjectFleet({
      ...{ objects, timing, clock, random, poll: POLL_OFTEN, showsByAge: true },
    });
    const members = await world.do(fleet.members.list());
    const leases = await world.do(fleet.leases.list());
    return [...members, ...leases].map(({ owner, leftMs }) => [owner, leftMs]);
  };
  const leftMs = TTL_MS - 7000;
  assert.deepEqual(await lookOnce(7000), [["a", leftMs], ["a", leftMs]]);
  assert.deepEqual(await lookOnce(TTL_MS), []);
  // It was shown, not judged: for those who run streams it lives.
  assert.deepEqual(await holders(world, world.join().fleet), ["a"]);
});
