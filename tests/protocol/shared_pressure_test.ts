/** Memory that streams share: who takes nothing holds up nobody for long, and nothing waits for ever. */
import assert from "node:assert/strict";
import { type Reader, SharedWorld } from "../support/shared_world.ts";

const LIMIT_BYTES = 1 << 20;
const EVENT_BYTES = 2048;

/** Streams of which some take nothing from now on, behind a change stream that they share. */
async function withPaused(count: number, paused: readonly number[], limitBytes = LIMIT_BYTES) {
  const world = new SharedWorld({ limitBytes });
  const readers = Array.from({ length: count }, (_, at) => world.read(`c${at}`, { rowsMax: 20 }));
  await world.settle(readers);
  for (const at of paused) readers[at]!.isPaused = true;
  world.insert(1, "c0");
  const others = readers.filter((_, at) => !paused.includes(at));
  return { world, readers, others, slow: paused.map((at) => readers[at]!) };
}

/** Everybody's collection gets some events, again and again; the most bytes of the budget that were in use. */
async function write(world: SharedWorld, readers: readonly Reader[], rounds: number) {
  let usedMax = 0;
  for (let round = 0; round < rounds; round++) {
    for (const { name } of readers) world.insert(2, name.collection, "shop", EVENT_BYTES);
    await world.clock.advance(200);
    usedMax = Math.max(usedMax, world.budget.usedBytes);
  }
  return usedMax;
}

for (const paused of [[3], [3, 5], [1, 3, 5, 7]]) {
  Deno.test(`${paused.length} of 10 streams take nothing: the others go on, and those come back`, async () => {
    const { world, readers, others, slow } = await withPaused(10, paused);
    const usedMax = await write(world, readers, 100);
    // Each of those that take nothing holds a reply of its own change stream besides.
    const shareMax = (1 + 1 + paused.length) / 4;
    assert.ok(usedMax <= LIMIT_BYTES * shareMax, `${usedMax} bytes are in use`);
    await world.settle(others);
    for (const reader of slow) assert.ok(reader.events.length < 50);
    assert.ok(world.told.every((each) => each.type === "reads-alone" && each.why === "slow"));
    for (const reader of slow) reader.resume();
    await world.settle(readers);
    await world.clock.until(() => world.open.length === 1, 600_000);
    await world.settle(readers);
    await world.end(readers);
  });
}

Deno.test("all take nothing for a while: nobody is sent away, and all go on", async () => {
  const { world, readers, slow } = await withPaused(6, [0, 1, 2, 3, 4, 5]);
  const usedMax = await write(world, readers, 100);
  assert.ok(usedMax <= LIMIT_BYTES / 2, `${usedMax} bytes are in use`);
  assert.deepEqual(world.told, []);
  for (const reader of slow) reader.resume();
  await world.settle(readers);
  assert.equal(world.open.length, 1);
  await world.end(readers);
});

Deno.test("who takes nothing goes on from what it has taken, not from what was ready for it", async () => {
  const { world, readers, slow: [slow] } = await withPaused(3, [1]);
  await write(world, readers, 60);
  const taken = slow!.mark;
  await world.clock.until(() => world.shared.readers().some(({ alone }) => alone === "slow"));
  await world.clock.advance(1000);
  const alone = world.openings.findLast(({ form }) => form === "collection")!;
  assert.equal(alone.from.data, taken.data);
  slow!.resume();
  await world.settle(readers);
  await world.end(readers);
});

Deno.test("a single event larger than all memory is read, by those who share as well", async () => {
  const { world, readers } = await withPaused(4, [], 64 << 10);
  for (let round = 0; round < 3; round++) {
    for (const { name } of readers) world.insert(1, name.collection, "shop", 200_000);
    await world.clock.advance(100);
  }
  await world.settle(readers);
  await world.end(readers);
});

Deno.test("a budget that others have filled makes all wait, and all go on when there is room", async () => {
  const { world, readers } = await withPaused(5, []);
  const held = world.budget.reserve(LIMIT_BYTES);
  world.insert(1, "c0");
  await world.clock.advance(3000);
  await write(world, readers, 20);
  await world.clock.advance(20_000);
  held.release();
  await world.settle(readers);
  assert.deepEqual(readers.flatMap(({ errors }) => errors), []);
  await world.end(readers);
});

Deno.test("far behind, streams read apart until they are near, eight at once; the others wait for a place", async () => {
  const world = new SharedWorld();
  const places = [];
  const names = Array.from({ length: 30 }, (_, at) => `c${at}`);
  for (const name of names) {
    for (const each of names) world.insert(1, each, "shop", 200);
    places.push([name, world.here] as const);
    world.pass(1000);
  }
  const readers = places.map(([name, from]) => world.read(name, { from, rowsMax: 3 }));
  let openMax = 0;
  const look = () => {
    openMax = Math.max(openMax, world.open.length);
    return readers.every(({ isOpen }) => isOpen);
  };
  await world.clock.until(look);
  await world.settle(readers);
  await world.clock.until(() => world.open.length === 1);
  assert.ok(openMax <= 10, `${openMax} change streams at once`);
  await world.end(readers);
});

Deno.test("who waits for a place and leaves is forgotten, and those behind it get theirs", async () => {
  const world = new SharedWorld();
  const readers: Reader[] = [];
  for (let at = 0; at < 14; at++) {
    world.insert(1, `c${at}`);
    const reader = world.read(`c${at}`, { from: world.here });
    // They stay where they are, so that they do not come near each other.
    reader.isPaused = true;
    readers.push(reader);
    world.insert(1, `c${at}`);
    await world.clock.advance(500);
    world.pass(1000);
  }
  const waiting = readers.filter(({ isOpen }) => !isOpen);
  assert.ok(waiting.length > 2);
  await waiting[0]!.close();
  for (const reader of readers) reader.resume();
  const rest = readers.filter((each) => each !== waiting[0]);
  await world.clock.until(() => rest.every(({ isOpen }) => isOpen));
  await world.settle(rest);
  await world.end(rest);
});
