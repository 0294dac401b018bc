import assert from "node:assert/strict";
import type { CoordinateEvent } from "../../../src/coordinate/events.ts";
import { FleetWorld, RETRY_MS, TTL_MS } from "./fleet_world.ts";

const FAILED_MS_MAX = 120_000;

type Failing = Extract<CoordinateEvent, { readonly type: "failing-changed" }>;

Deno.test("a failed stream goes on elsewhere, without dragging others after it", async () => {
  const world = new FleetWorld(["x", "y", "z"]);
  const a = world.start("a");
  a.behaviour.failing = ["x"];
  await world.clock.advance(1000);
  const b = world.start("b");
  const failing = () => a.typesOf("failing-changed").map((event) => (event as Failing).streams);
  assert.deepEqual(failing(), [["x"]]);
  await world.clock.until(() => world.isOneReaderEach(), TTL_MS);
  assert.deepEqual(world.readers().get("x"), ["b"]);
  await world.clock.advance(2 * TTL_MS);
  const tries = () => a.typesOf("lock-acquired").length + b.typesOf("lock-acquired").length;
  const triesBefore = tries();
  await world.clock.advance(3_600_000);
  assert.equal(world.isOneReaderEach(), true);
  // What b runs well stays there.
  assert.equal(tries(), triesBefore);
  assert.deepEqual(failing(), [["x"], []]);
  b.crash();
  await world.clock.advance(2 * TTL_MS);
  assert.deepEqual(world.loads(), { a: 2 });
  a.behaviour.failing = [];
  await world.clock.until(() => world.loads().a === 3, FAILED_MS_MAX + RETRY_MS);
  await world.clock.advance(RETRY_MS);
  assert.deepEqual(failing(), [["x"], [], ["x"], []]);
  a.stop();
  await world.clock.finish(a.outcome);
});

Deno.test("a failed stream gives its lease back, and is tried ever more seldom", async () => {
  const world = new FleetWorld(["x", "y"]);
  const a = world.start("a");
  a.behaviour.failing = ["x"];
  await world.clock.advance(3_600_000);
  const failures = a.typesOf("lock-released").map((event) => (event as { reason: string }).reason);
  assert.equal(new Set(failures).size, 1);
  assert.equal(failures[0], "failed");
  // 5 s, 10 s, ... to 2 minutes, each less up to a half.
  assert(failures.length > 30 && failures.length < 70, `${failures.length} tries in an hour`);
  assert.deepEqual(world.loads(), { a: 1 });
  a.stop();
  assert.equal(await world.clock.finish(a.outcome), "stopped");
});

Deno.test("a failed stream is tried at once when what it failed by answers again, and its pauses begin anew", async () => {
  const world = new FleetWorld(["x"]);
  const a = world.start("a");
  a.behaviour.failing = ["x"];
  await world.clock.advance(600_000);
  await world.clock.advance(1000);
  const tries = () => a.typesOf("lock-acquired").length;
  const before = tries();
  a.recovered();
  await world.clock.advance(200);
  assert.equal(tries(), before + 1);
  const [last] = a.typesOf("stream-set-aside").slice(-1) as { retryMs: number }[];
  assert(last!.retryMs <= RETRY_MS, `${last!.retryMs} ms`);
  a.behaviour.failing = [];
  a.recovered();
  await world.clock.advance(200);
  assert.equal(world.isOneReaderEach(), true);
  a.stop();
  await world.clock.finish(a.outcome);
});

Deno.test("coordinate looks at once when the store answers again", async () => {
  const world = new FleetWorld(["x"]);
  const a = world.start("a");
  await world.clock.advance(1000);
  a.isStoreAway = true;
  await world.clock.advance(60_000);
  assert.equal(a.typesOf("store-back").length, 0);
  a.isStoreAway = false;
  a.recovered();
  await world.clock.settle();
  assert.equal(a.typesOf("store-back").length, 1);
  a.stop();
  await world.clock.finish(a.outcome);
});

Deno.test("coordinate goes on when every stream has failed here, for it may be mended, and says when it tries again", async () => {
  const world = new FleetWorld(["x", "y"]);
  const a = world.start("a");
  a.behaviour.failing = ["x", "y"];
  await world.clock.advance(3_600_000);
  const aside = a.typesOf("stream-set-aside") as { stream: string; retryMs: number }[];
  assert.deepEqual(new Set(aside.map(({ stream }) => stream)), new Set(["x", "y"]));
  assert(aside.every(({ retryMs }) => retryMs > 0 && retryMs <= FAILED_MS_MAX));
  // Nobody holds them meanwhile: an operator can.
  assert.deepEqual(await world.shared.leases.list(), []);
  a.behaviour.failing = [];
  await world.clock.until(() => world.loads()["a"] === 2, FAILED_MS_MAX + RETRY_MS);
  a.stop();
  assert.equal(await world.clock.finish(a.outcome), "stopped");
});

Deno.test("coordinate ends when every stream has failed here by its configuration, and not before", async () => {
  const world = new FleetWorld(["x", "y"]);
  const a = world.start("a");
  a.behaviour.misconfigured = true;
  let ended = false;
  a.outcome.then(() => ended = true);
  a.behaviour.failing = ["x"];
  await world.clock.advance(10 * TTL_MS);
  assert.equal(ended, false);
  a.behaviour.failing = ["x", "y"];
  await world.shared.leases.releaseAny("y");
  assert.equal(await world.clock.finish(a.outcome, TTL_MS), "all-failed");
  assert.deepEqual(await world.shared.members.list(), []);
});

Deno.test("an instance that cannot run what it knows ends, and the others do not", async () => {
  const world = new FleetWorld(["x", "y"]);
  const broken = world.start("a", { streams: () => ["x"] });
  broken.behaviour.failing = ["x"];
  broken.behaviour.misconfigured = true;
  const sound = world.start("b", { streams: () => ["y"] });
  assert.equal(await world.clock.finish(broken.outcome), "all-failed");
  await world.clock.advance(TTL_MS);
  assert.deepEqual(world.loads(), { b: 1 });
  sound.stop();
  await world.clock.finish(sound.outcome);
});

Deno.test("streams that fail by what fails everybody stay where they are, until it fails one alone", async () => {
  const world = new FleetWorld(["x", "y"]);
  const [a, b] = [world.start("a"), world.start("b")];
  for (const each of [a, b]) {
    each.behaviour.failing = ["x", "y"];
    each.isFaultShared = true;
  }
  const tries = () => a.typesOf("lock-acquired").length + b.typesOf("lock-acquired").length;
  await world.clock.until(() => tries() >= 2);
  await world.clock.advance(RETRY_MS);
  const before = tries();
  await world.clock.advance(600_000);
  assert.equal(tries(), before);
  assert.deepEqual([...a.typesOf("stream-set-aside"), ...b.typesOf("stream-set-aside")], []);
  // It is mended for b, whose streams run.
  b.behaviour.failing = [];
  a.isFaultShared = false;
  await world.clock.advance(60_000);
  assert.deepEqual(a.typesOf("stream-set-aside"), [], "what is mended here, too, need not go");
  for (const fail of a.retries.values()) fail();
  await world.clock.advance(1000);
  assert.equal(a.typesOf("stream-set-aside").length, 1);
  const [stream] = a.typesOf("stream-set-aside").map((event) =>
    (event as { stream: string }).stream
  );
  await world.clock.until(() => world.readers().get(stream!)?.join() === "b", TTL_MS);
  for (const each of [a, b]) each.stop();
  await world.clock.finish(Promise.all([a.outcome, b.outcome]));
});

Deno.test("of a stream that failed here and went elsewhere it is told that it does not fail any more, though nothing was set aside", async () => {
  const world = new FleetWorld(["x", "y"]);
  const a = world.start("a");
  Object.assign(a, { isFaultShared: true });
  a.behaviour.failing = ["x", "y"];
  await world.clock.until(() => a.retries.size === 2);
  await world.clock.advance(RETRY_MS);
  const b = world.start("b");
  await world.clock.until(() => [...world.readers().values()].some((each) => each.includes("b")));
  await world.clock.advance(RETRY_MS);
  assert.deepEqual(a.typesOf("stream-set-aside"), []);
  const told = a.typesOf("lock-released", "failing-changed");
  assert.deepEqual(told.map(({ type }) => type), ["lock-released", "failing-changed"]);
  assert.deepEqual((told[1] as Failing).streams, []);
  for (const each of [a, b]) each.stop();
  await world.clock.finish(Promise.all([a.outcome, b.outcome]));
});

Deno.test("what only another configuration can mend is not kept, whomever it fails", async () => {
  const world = new FleetWorld(["x"]);
  const a = world.start("a");
  Object.assign(a.behaviour, { failing: ["x"], misconfigured: true });
  a.isFaultShared = true;
  assert.equal(await world.clock.finish(a.outcome), "all-failed");
});
