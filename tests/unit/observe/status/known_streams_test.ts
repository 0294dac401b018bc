import assert from "node:assert/strict";
import type { FleetView, StreamView } from "../../../../src/coordinate/fleet_view.ts";
import { type FleetFacts, KnownStreams } from "../../../../src/observe/status/known_streams.ts";
import { type ObservedStream, StreamBoard } from "../../../../src/observe/status/stream_board.ts";
import { CARTS, ORDERS, readingEvents, secondsAgo } from "../../../support/monitor.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const TTL_MS = 30_000;

function newScene() {
  const clock = new VirtualClock();
  const board = new StreamBoard(clock);
  const scene = {
    clock,
    board,
    fleet: undefined as FleetFacts | undefined,
    paused: [] as ObservedStream[],
    wanted: [] as ObservedStream[],
    see(...streams: StreamView[]) {
      const view: FleetView = { instances: [], streams };
      scene.fleet = { view, atMs: clock.wallMs(), takenMs: clock.monotonicMs() };
    },
  };
  const known = new KnownStreams({
    ...{ owner: "me", board, clock, leaseTtlMs: TTL_MS },
    fleet: () => scene.fleet,
    paused: () => scene.paused,
    wanted: () => scene.wanted,
  });
  return { ...scene, scene, known };
}

function viewOf(stream: ObservedStream, more: Partial<StreamView>): StreamView {
  return { ...stream, events: 1, objects: 1, bytes: 1, deadLetters: 0, paused: false, ...more };
}

Deno.test("KnownStreams does not believe in leases of a view that is older than they can be", async () => {
  const { scene, clock, known } = newScene();
  const highWater = secondsAgo(clock, 1).operationTime;
  const inLake = secondsAgo(clock, 4).operationTime;
  const position = secondsAgo(clock, 9).operationTime;
  const news = {
    ...{ key: ORDERS.key, condition: "running" as const, readEvents: 1, bufferedEvents: 2 },
    ...{ highWater, inLake },
  };
  const lease = { owner: "other", instance: "host-2", generation: 3, offered: true as const };
  scene.see(viewOf(ORDERS, { ...lease, position, news }));
  const holder = () => known.all().map(({ holder, unheldMs }) => [holder, unheldMs]);
  assert.deepEqual(holder(), [["elsewhere", 0]]);
  await clock.advance(TTL_MS - 1);
  assert.deepEqual(holder(), [["elsewhere", 0]]);
  await clock.advance(1);
  const [stream] = known.all();
  assert.equal(stream?.holder, "nobody");
  assert.equal(stream.remote?.news, undefined);
  assert.deepEqual(stream.times, { highWater, inLake, durable: position });
  await clock.advance(7000);
  assert.deepEqual(holder(), [["nobody", 7000]]);
});

Deno.test("KnownStreams counts anew how long nobody has a stream when the leases can be seen again", async () => {
  const { scene, clock, known } = newScene();
  scene.wanted.push(ORDERS);
  const unheldMs = () => known.all()[0]?.unheldMs;
  scene.see(viewOf(ORDERS, { owner: "other" }));
  await clock.advance(TTL_MS);
  assert.equal(unheldMs(), 0);
  await clock.advance(90_000);
  assert.equal(unheldMs(), 90_000);
  // Redis is back, and whoever is first takes the stream.
  scene.see(viewOf(ORDERS, { offered: true }));
  assert.equal(unheldMs(), 0);
  await clock.advance(2000);
  scene.see(viewOf(ORDERS, { offered: true }));
  assert.equal(unheldMs(), 2000);
});

Deno.test("KnownStreams keeps a stream that this instance had, though the view says that it still has it", () => {
  const { scene, board, clock, known } = newScene();
  scene.wanted.push(ORDERS);
  for (const event of readingEvents(clock)) board.take(ORDERS, event);
  assert.equal(known.all()[0]?.holder, "here");
  const facts = board.stream(ORDERS.key)!;
  board.take(ORDERS, { type: "stream-stopped" });
  known.stopped(facts);
  scene.see(viewOf(ORDERS, { owner: "me" }));
  const [stream] = known.all();
  assert.equal(stream?.holder, "nobody");
  assert.deepEqual(stream.times.inLake, secondsAgo(clock, 10).operationTime);
});

Deno.test("KnownStreams knows the last times of what is opened again before its journal says some", () => {
  const { board, clock, known } = newScene();
  for (const event of readingEvents(clock)) board.take(ORDERS, event);
  const facts = board.stream(ORDERS.key)!;
  board.take(ORDERS, { type: "stream-stopped" });
  known.stopped(facts);
  board.take(ORDERS, { type: "stream-started", generation: 4 });
  assert.deepEqual(known.all()[0]?.times.durable, secondsAgo(clock, 10).operationTime);
});

Deno.test("KnownStreams tells what nobody has from what nobody should have any more", () => {
  const { scene, clock, known } = newScene();
  const position = secondsAgo(clock, 5).operationTime;
  scene.see(viewOf(ORDERS, { position }), viewOf(CARTS, { position, offered: true }));
  assert.deepEqual(known.all().map(({ name, holder }) => [name, holder]), [
    [CARTS.name, "nobody"],
    [ORDERS.name, "ended"],
  ]);
  scene.wanted = [ORDERS];
  assert.deepEqual(known.all().map(({ holder }) => holder), ["nobody", "nobody"]);
});

Deno.test("KnownStreams does not count how long a paused stream is held by nobody, and knows where it stands", async () => {
  const { scene, clock, known } = newScene();
  scene.paused.push(ORDERS);
  known.all();
  await clock.advance(60_000);
  assert.deepEqual(
    known.all().map(({ holder, isPaused, unheldMs }) => [holder, isPaused, unheldMs]),
    [
      ["nobody", true, 0],
    ],
  );
  const position = secondsAgo(clock, 100).operationTime;
  known.found(ORDERS.key, position);
  assert.deepEqual(known.all()[0]?.times, {
    highWater: position,
    inLake: position,
    durable: position,
  });
});

Deno.test("KnownStreams forgets what nobody speaks of", () => {
  const { scene, clock, known } = newScene();
  const position = secondsAgo(clock, 5).operationTime;
  scene.see(viewOf(ORDERS, { position, offered: true }));
  known.all();
  scene.see();
  assert.deepEqual(known.all(), []);
  scene.wanted.push(ORDERS);
  assert.equal(known.all()[0]?.times.durable, undefined);
});

Deno.test("KnownStreams takes what a journal says for stored, and what is stored for read", () => {
  const { scene, board, clock, known } = newScene();
  scene.wanted.push(ORDERS);
  for (const event of readingEvents(clock)) board.take(ORDERS, event);
  // A heartbeat follows the oplog, where nothing is read.
  const to = secondsAgo(clock, 2);
  board.take(ORDERS, { type: "record-appended", kind: "heartbeat", seq: 5, to, appendMs: 1 });
  const durable = to.operationTime;
  assert.deepEqual(known.all()[0]?.times, { highWater: durable, inLake: durable, durable });
});

Deno.test("KnownStreams takes a stream whose holder is silent for one that nobody has, since it fell silent", async () => {
  const { scene, clock, known } = newScene();
  const told = {
    ...{ key: ORDERS.key, condition: "running" as const, readEvents: 1, bufferedEvents: 2 },
    highWater: secondsAgo(clock, 1).operationTime,
  };
  const lease = { owner: "other", instance: "host-2", offered: true as const, news: told };
  scene.see(viewOf(ORDERS, lease));
  assert.equal(known.all()[0]?.holder, "elsewhere");
  await clock.advance(20_000);
  scene.see(viewOf(ORDERS, { ...lease, silentMs: 18_000 }));
  await clock.advance(1000);
  const [stream] = known.all();
  assert.deepEqual([stream?.holder, stream?.leftBy, stream?.unheldMs], [
    "nobody",
    "host-2",
    19_000,
  ]);
  assert.equal(stream?.remote?.news, undefined);
  assert.deepEqual(stream?.times.highWater, told.highWater);
  // It wakes up.
  scene.see(viewOf(ORDERS, lease));
  assert.deepEqual(known.all().map(({ holder, unheldMs }) => [holder, unheldMs]), [[
    "elsewhere",
    0,
  ]]);
});

Deno.test("KnownStreams goes by the orders that this instance follows, which are newer than the view", () => {
  const { scene, known } = newScene();
  scene.wanted.push(ORDERS);
  scene.see(viewOf(ORDERS, { paused: true, offered: true }));
  assert.equal(known.all()[0]?.isPaused, false);
  scene.paused.push(ORDERS);
  scene.see(viewOf(ORDERS, { paused: false, owner: "other" }));
  assert.equal(known.all()[0]?.isPaused, true);
});
