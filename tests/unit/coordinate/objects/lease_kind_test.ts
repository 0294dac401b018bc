import assert from "node:assert/strict";
import {
  type LeaseKind,
  LeaseKindGuard,
  type LeaseKindOptions,
} from "../../../../src/coordinate/objects/lease_kind.ts";
import { below } from "../../../../src/coordinate/objects/shared_objects.ts";
import { memberOf, ObjectWorld, TTL_MS } from "../../../support/object_world.ts";

/** One instance with its guard, which looks whenever it is asked. */
function start(
  world: ObjectWorld,
  kind: LeaseKind,
  owner: string,
  more: Partial<LeaseKindOptions> = {},
) {
  const { clock, random, objects } = world;
  const inside = new ObjectWorld();
  Object.assign(inside, { clock, random, objects: below(objects, "redis/") });
  const inRedis = inside.join().fleet.members;
  const inDestination = world.join().fleet.members;
  const guard = new LeaseKindGuard({
    ...{ kind, objects, self: memberOf(owner), ttlMs: TTL_MS, restMs: 0, clock, random },
    ...(kind === "redis" ? { others: inDestination, shown: inRedis } : { others: inRedis }),
    ...more,
  });
  return {
    look: () => world.do(guard.elsewhere()),
    announce: () => world.do(inDestination.announce(memberOf(owner), TTL_MS)),
    leave: () => world.do(Promise.all([guard.leave(), inDestination.leave(owner)])),
  };
}

type Instance = ReturnType<typeof start>;

/** Time in which all look every five seconds; what the first one learned last. */
async function pass(
  world: ObjectWorld,
  ms: number,
  ...all: Instance[]
): Promise<string | undefined> {
  let first: string | undefined;
  for (let passed = 0; passed < ms; passed += 5000) {
    await world.clock.advance(5000);
    const looks = [];
    for (const each of all) looks.push(await each.look());
    first = looks[0];
  }
  return first;
}

Deno.test("the first to start says where leases are, and nothing is in its way", async () => {
  const world = new ObjectWorld();
  for (const owner of ["a", "b"]) {
    assert.equal(await start(world, "redis", owner).look(), undefined);
  }
});

Deno.test("leases move from Redis to the destination when the last of the old ones has stopped", async () => {
  const world = new ObjectWorld();
  const old = [start(world, "redis", "r1"), start(world, "redis", "r2")];
  for (const each of old) assert.equal(await each.look(), undefined);
  const fresh = start(world, "destination", "d");
  assert.match((await fresh.look())!, /^Waiting for instances, whose leases are in Redis/);
  assert.match((await pass(world, 4 * TTL_MS, fresh, ...old))!, /Waiting for instance r1's name/);
  await old[0]!.leave();
  assert.match((await pass(world, 2 * TTL_MS, fresh, old[1]!))!, /Waiting for instance r2's name/);
  await old[1]!.leave();
  assert.equal(await fresh.look(), undefined);
  await fresh.announce();
  assert.match((await start(world, "redis", "r3").look())!, /Waiting for/, "now the others wait");
});

Deno.test("who died in Redis is waited for a TTL, and who only sleeps finds that it has to stop", async () => {
  const world = new ObjectWorld();
  const old = start(world, "redis", "r");
  await old.look();
  const fresh = start(world, "destination", "d");
  assert.match((await pass(world, TTL_MS / 2, fresh))!, /Waiting/);
  assert.equal(await pass(world, TTL_MS, fresh), undefined);
  await fresh.announce();
  assert.match(
    (await old.look())!,
    /Waiting for instance d's name, whose leases are in the destination/,
  );
});

Deno.test("leases move from the destination to Redis when nobody of the old ones lives", async () => {
  const world = new ObjectWorld();
  const old = start(world, "destination", "d");
  assert.equal(await old.look(), undefined);
  await old.announce();
  const fresh = start(world, "redis", "r");
  assert.match((await fresh.look())!, /set LEASES=destination here/);
  await old.leave();
  assert.equal(await fresh.look(), undefined);
});

Deno.test("nobody shows itself in the lake where nobody asks", async () => {
  const world = new ObjectWorld();
  const old = start(world, "redis", "r");
  await pass(world, TTL_MS, old);
  assert.deepEqual([...(await world.objects.list("")).keys()], ["kind"]);
});

Deno.test("who has leases in Redis goes on while the lake is away, and who has not does not begin", async () => {
  const world = new ObjectWorld();
  const away = world.join().objects;
  const redis = start(world, "redis", "r", { objects: away });
  assert.equal(await redis.look(), undefined);
  away.fate = () => "refused";
  await world.clock.advance(1);
  assert.equal(await redis.look(), undefined);
  await assert.rejects(start(world, "destination", "d", { objects: away }).look(), /no answer/);
});

Deno.test("instances of an older version with leases in files are waited for", async () => {
  const world = new ObjectWorld();
  let living = [{ ...memberOf("old"), version: "0.0.9", leftMs: 5 }];
  const older = { list: () => Promise.resolve(living) };
  const fresh = start(world, "destination", "d", { older });
  for (let looks = 0; looks < 2; looks++) {
    assert.match((await fresh.look())!, /instance old's name of version 0\.0\.9/);
    await world.clock.advance(1);
  }
  living = [];
  assert.equal(await fresh.look(), undefined);
});
