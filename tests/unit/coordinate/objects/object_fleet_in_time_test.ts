/** The coordinator of each instance over the objects of a bucket, at default timing: how soon, and what it costs. */
import assert from "node:assert/strict";
import type { CoordinateOptions } from "../../../../src/coordinate/coordinator.ts";
import type { Fleet } from "../../../../src/coordinate/fleet.ts";
import { openFleet } from "../../../../src/coordinate/open_fleet.ts";
import type { Clock } from "../../../../src/support/clock.ts";
import { memorySharedObjects } from "../../../support/memory_shared_objects.ts";
import { WatchedObjects } from "../../../support/watched_objects.ts";
import { type FakeInstance, FleetWorld, REFRESH_MS, TTL_MS } from "../fleet_world.ts";

const STREAMS = Array.from({ length: 12 }, (_, i) => `collection.shop.c${i}`);

/** The longest time from one list of all objects to the next. */
const POLL_MS = REFRESH_MS;

/** AWS, us-east-1, a thousand requests, in US dollars. */
const PUT_OR_LIST_USD = 0.005;
const GET_USD = 0.0004;

const MONTH_MS = 30 * 24 * 3_600_000;

class BucketWorld extends FleetWorld {
  readonly shared2 = memorySharedObjects();
  readonly opened: WatchedObjects[] = [];

  join(owner: string): FakeInstance {
    const objects = new WatchedObjects(this.shared2);
    this.opened.push(objects);
    const open = (clock: Clock): CoordinateOptions["fleet"] => {
      const place = { kind: "objects", objects, refreshMs: REFRESH_MS, areFree: false } as const;
      const fleet = openFleet(place, clock, this.random);
      this.#showPeople(owner, fleet, clock);
      const kind = () => void objects.get("kind").then(() => clock.after(REFRESH_MS / 2, kind));
      kind();
      return {
        ...fleet,
        // As the program does before each look.
        async changes() {
          await fleet.orders.paused();
          return await fleet.changes();
        },
      };
    };
    return this.start(owner, { openFleet: open });
  }

  /** As the program's page does, and what it tells of itself. */
  #showPeople(owner: string, fleet: Fleet, clock: Clock): void {
    const show = async () => {
      await fleet.news.tell({ owner, streams: [] }, TTL_MS);
      const members = await fleet.members.list();
      await fleet.leases.list();
      await fleet.news.read(members.map((member) => member.owner));
      clock.after(fleet.poll.viewMs, () => void show());
    };
    clock.after(1, () => void show());
  }

  isShared(...owners: string[]): boolean {
    const loads = this.loads();
    const counts = owners.map((owner) => loads[owner] ?? 0);
    return this.isOneReaderEach() && Object.keys(loads).length === owners.length &&
      Math.max(...counts) - Math.min(...counts) <= 1;
  }
}

async function started(...owners: string[]) {
  const world = new BucketWorld(STREAMS);
  const all = owners.map((owner) => world.join(owner));
  await world.clock.until(() => world.isShared(...owners), 2 * TTL_MS);
  await world.clock.advance(2 * TTL_MS);
  return { world, all };
}

function dollarsAMonth(log: readonly string[], ms: number): number {
  const gets = log.filter((call) => call.startsWith("get")).length;
  const usd = (gets * GET_USD + (log.length - gets) * PUT_OR_LIST_USD) / 1000;
  return usd * MONTH_MS / ms;
}

Deno.test("while nothing changes an instance costs at most 4 dollars a month", async () => {
  const { world } = await started("a", "b", "c");
  const hourMs = 3_600_000;
  for (const objects of world.opened) objects.asked();
  await world.clock.advance(hourMs);
  for (const { log } of world.opened) {
    const count = (word: string) => log.filter((call) => call.startsWith(word)).length;
    const refreshes = hourMs / REFRESH_MS;
    assert(count("replace") <= refreshes * 1.05, `${count("replace")} writes`);
    assert(count("list") <= refreshes * 1.05, `${count("list")} lists`);
    const usd = dollarsAMonth(log, hourMs);
    assert(usd <= 4, `${usd} USD`);
  }
});

Deno.test("after a crash each stream has one owner again within the TTL and two polls", async () => {
  for (let offsetMs = 0; offsetMs < REFRESH_MS; offsetMs += 1900) {
    const { world, all: [a] } = await started("a", "b", "c");
    await world.clock.advance(offsetMs);
    a!.crash();
    await world.clock.until(() => world.isShared("b", "c"), TTL_MS + 2 * POLL_MS);
    assert.deepEqual(world.overlaps(), []);
  }
});

Deno.test("one that is stopped for twice the TTL is taken over from, and gets its share again", async () => {
  const { world, all: [a] } = await started("a", "b", "c");
  a!.freeze();
  await world.clock.advance(2 * TTL_MS);
  for (const stream of STREAMS) {
    const readers = world.readers().get(stream)!.filter((owner) => owner !== "a");
    assert.equal(readers.length, 1, stream);
  }
  a!.thaw();
  await world.clock.until(() => world.isShared("a", "b", "c"), TTL_MS + 2 * POLL_MS);
});

Deno.test("with the bucket away for a minute nobody is taken for dead, and all go on together", async () => {
  const { world, all } = await started("a", "b", "c");
  const before = world.readers();
  for (const each of all) each.isStoreAway = true;
  await world.clock.advance(60_000);
  assert.equal(
    [...world.readers().values()].flat().length,
    0,
    "all have stopped at their deadlines",
  );
  for (const each of all) each.isStoreAway = false;
  await world.clock.until(() => world.isShared("a", "b", "c"), TTL_MS + 2 * POLL_MS);
  assert.deepEqual(world.overlaps(), []);
  assert.equal(before.size, 12);
});

Deno.test("a rolling restart hands each stream over within two polls, and leaves no slots behind", async () => {
  const { world, all } = await started("a", "b", "c");
  const names = ["a", "b", "c"];
  for (const old of all) {
    names.push(`${old.owner}2`);
    world.join(`${old.owner}2`);
    await world.clock.until(() => world.isShared(...names), 4 * POLL_MS);
    old.stop();
    names.splice(names.indexOf(old.owner), 1);
    await world.clock.finish(old.outcome);
    await world.clock.until(() => world.isShared(...names), 2 * POLL_MS);
  }
  assert.deepEqual(world.overlaps(), []);
  assert.equal((await world.shared2.list("members/")).size, 4);
});
