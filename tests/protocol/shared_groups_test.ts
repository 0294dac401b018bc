/** Streams come to a shared change stream and leave it; slow ones and what cannot be read hold up nobody else. */
import assert from "node:assert/strict";
import { ObjectId } from "mongodb";
import { HistoryLostError, PermanentError, UnreadableEventError } from "../../src/model/errors.ts";
import { type Opening, type Reader, SharedWorld } from "../support/shared_world.ts";

const range = (count: number) => Array.from({ length: count }, (_, at) => at);

Deno.test("a thousand streams that begin together open a handful of change streams", async () => {
  const world = new SharedWorld();
  const readers = range(1000).map((at) => world.read(`c${at}`));
  await world.clock.until(() => readers.every(({ isOpen }) => isOpen));
  assert.ok(world.openings.length <= 2, `${world.openings.length} openings`);
  assert.ok(world.clock.monotonicMs() < 2000);
  await world.end(readers);
});

Deno.test("streams that come one after the other are gathered: about one opening a second", async () => {
  const world = new SharedWorld();
  const readers: Reader[] = [];
  for (let at = 0; at < 60; at++) {
    readers.push(world.read(`c${at}`, { from: world.here }));
    world.insert(1, `c${at % 7}`);
    await world.clock.advance(100);
  }
  await world.settle(readers);
  assert.ok(world.openings.length <= 9, `${world.openings.length} openings in 6 s`);
  assert.equal(world.open.length, 1);
  await world.end(readers);
});

Deno.test("who joins at a place before the others or behind them loses nothing, and nobody gets anything twice", async () => {
  const world = new SharedWorld();
  const early = ["orders", "items"].map((name) => world.read(name));
  const places = [world.start];
  for (let at = 0; at < 5; at++) {
    for (const name of ["orders", "items", "customers", "orders"]) world.insert(1, name);
    places.push(world.here);
  }
  await world.settle(early);
  const readers = [...early];
  for (const from of [places[3]!, places[1]!, world.here, places[5]!]) {
    readers.push(world.read("customers", { from }), world.read("orders", { from }));
    world.insert(3, "customers");
    await world.clock.advance(300);
  }
  await world.settle(readers);
  assert.deepEqual(world.shared.readers().map(({ members }) => members.length), [readers.length]);
  await world.end(readers);
});

Deno.test("who joins right after another has left does not wait until its name is forgotten", async () => {
  const world = new SharedWorld();
  const readers = ["orders", "items", "customers"].map((name) => world.read(name));
  await world.settle(readers);
  await world.clock.advance(3000);
  await readers.pop()!.close();
  const late = world.read("late", { from: world.here });
  const askedMs = world.clock.monotonicMs();
  await world.clock.until(() => late.isOpen);
  assert.ok(world.clock.monotonicMs() - askedMs < 1000, "it waits");
  await world.end([...readers, late]);
});

Deno.test("who is closed before it has joined is not waited for: nothing is read or held for it", async () => {
  const world = new SharedWorld();
  const readers = ["orders", "items"].map((name) => world.read(name));
  await world.settle(readers);
  const late = world.read("late", { from: world.here });
  await world.clock.advance(10);
  for (const reader of readers) await reader.close();
  await late.close();
  await world.clock.settle();
  assert.deepEqual(world.open, []);
  assert.equal(world.budget.usedBytes, 0);
  await world.end([]);
});

Deno.test("the last one of a group goes on by its own change stream, with what was given to it meanwhile", async () => {
  const world = new SharedWorld();
  const [orders, items] = ["orders", "items"].map((name) => world.read(name)) as [Reader, Reader];
  world.insert(2, "orders");
  await world.settle([orders, items]);
  world.faults.opening = () => {
    // What the shared change stream still gives while the other one is opened.
    world.insert(3, "orders");
    return world.clock.advance(0);
  };
  await items.close();
  await world.clock.until(() => world.openings.length === 2);
  await world.clock.advance(500);
  world.faults = {};
  world.insert(2, "orders");
  await world.settle([orders]);
  assert.equal(world.open[0]!.form, "collection");
  await world.end([orders]);
});

Deno.test("a lost history costs only the one whose it is", async () => {
  const world = new SharedWorld();
  world.insert(3, "old");
  world.pass(5);
  world.insert(1, "a");
  const from = world.here;
  const readers = ["old", "a", "b", "c", "d", "e"].map((name) =>
    world.read(name, name === "old" ? {} : { from })
  );
  world.faults.opening = () => {
    world.faults = {};
    world.oplog.truncateBefore(from.operationTime);
  };
  const [old, ...others] = readers as [Reader, ...Reader[]];
  for (const name of "abcde") world.insert(2, name);
  await world.clock.until(() => old.errors.length > 0);
  assert.ok(old.errors[0] instanceof HistoryLostError);
  await world.clock.until(() => others.every(({ isOpen }) => isOpen));
  assert.deepEqual(others.flatMap(({ errors }) => errors), []);
  await world.end(readers);
});

Deno.test("an event that cannot be read costs only the one whose it is: a logarithm of openings, nobody else alone", async () => {
  const world = new SharedWorld();
  const readers = range(32).map((at) => world.read(`c${at}`, { settings: REQUIRED }));
  await world.settle(readers);
  const before = world.openings.length;
  writeAround(world, 7);
  await world.settle(readers);
  const openings = world.openings.slice(before);
  assertAlone(openings, "shop.c7");
  assert.ok(openings.length <= 2 * Math.log2(32) + 4, `${openings.length} openings`);
  const failed = readers.filter(({ errors }) => errors.length > 0);
  assert.deepEqual(failed, [readers[7]]);
  assert.ok(readers[7]!.errors.every((error) => error instanceof UnreadableEventError));
  // It comes back.
  await world.clock.until(() => world.open.length === 1, 120_000);
  assert.equal(world.shared.readers()[0]!.members.length, 32);
  await world.end(readers);
});

Deno.test("an unreadable event behind replies that can be read, too, leads to few openings", async () => {
  const world = new SharedWorld({ limitBytes: 8 << 20 });
  const readers = range(16).map((at) => world.read(`c${at}`, { settings: REQUIRED }));
  await world.clock.until(() => readers.every(({ isOpen }) => isOpen));
  const before = world.openings.length;
  for (let at = 0; at < 1500; at++) world.insert(1, `c${at % 16}`, "shop", 100);
  writeAround(world, 7);
  await world.settle(readers);
  const openings = world.openings.slice(before);
  assertAlone(openings, "shop.c7");
  assert.ok(openings.length <= 20, `${openings.length} openings`);
  await world.end(readers);
});

Deno.test("a stage that fails for good on one collection costs only that one, as often as it begins anew", async () => {
  const world = new SharedWorld();
  world.faults.reading = ({ names }) => {
    if (names.includes("shop.c3")) throw new PermanentError("Cannot divide by zero");
  };
  const readers = range(8).map((at) => world.read(`c${at}`));
  const others = readers.filter((_, at) => at !== 3);
  for (let second = 0; second < 120; second++) {
    for (const at of range(8)) world.insert(1, `c${at}`);
    await world.clock.advance(1000);
  }
  assertAlone(world.openings, "shop.c3");
  await world.settle(others);
  assert.deepEqual(others.flatMap(({ errors }) => errors), []);
  const shared = world.openings.filter(({ form }) => form !== "collection").length;
  assert.ok(shared < 30, `${shared} openings of change streams that are shared`);
  await world.end(readers);
});

Deno.test("a reply that is broken in the middle gives nobody anything twice", async () => {
  const world = new SharedWorld();
  const readers = ["orders", "items", "customers"].map((name) => world.read(name));
  await world.settle(readers);
  let broken = 0;
  world.faults.replied = (_, reply) => {
    if (reply.starts.length < 6 || broken++ > 0) return reply;
    const bytes = reply.bytes.slice();
    // The document's fields have no end.
    bytes.fill(0x7f, reply.starts[4]! + 4, reply.starts[5]!);
    return { ...reply, bytes };
  };
  for (const name of ["orders", "items", "customers", "orders", "items", "customers"]) {
    world.append({ operation: "drop", database: "shop", collection: name });
  }
  await world.settle(readers);
  assert.ok(broken > 0);
  await world.end(readers);
});

const REQUIRED = { fullDocument: "required" } as const;

/** Events of all, one that cannot be read, and events of all once more. */
function writeAround(world: SharedWorld, unreadable: number): void {
  const count = 32;
  for (const at of range(count)) world.insert(1, `c${at}`);
  world.append({
    ...{ operation: "update", database: "shop", collection: `c${unreadable}` },
    ...{ id: new ObjectId("0123456789abcdef01234567"), unreadable: "image-missing" },
  });
  for (const at of range(count)) world.insert(1, `c${at}`);
}

/** It was read alone, and nobody else but the one that was the last with it. */
function assertAlone(openings: readonly Opening[], name: string): void {
  const alone = openings.filter(({ form }) => form === "collection").map((each) => each.names[0]);
  assert.ok(alone.includes(name));
  assert.ok(new Set(alone).size <= 2, `${[...new Set(alone)]} were alone`);
}
