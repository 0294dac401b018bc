import assert from "node:assert/strict";
import { failingStreams } from "../../../../src/observe/status/failing_streams.ts";
import { AWAY_MS_MAX } from "../../../../src/observe/status/health.ts";
import type { DependencyFacts } from "../../../../src/observe/status/dependency_watch.ts";
import { StreamBoard } from "../../../../src/observe/status/stream_board.ts";
import { CARTS, ORDERS, readingEvents, secondsAgo } from "../../../support/monitor.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const clock = new VirtualClock();

/** One stream holds events that are not stored, the other holds none. */
function boardWithEvents(): StreamBoard {
  const board = new StreamBoard(clock);
  for (const stream of [ORDERS, CARTS]) {
    for (const event of readingEvents(clock)) board.take(stream, event);
  }
  const highWater = secondsAgo(clock, 2).operationTime;
  board.take(ORDERS, { type: "reply-read", events: 5, bytes: 9, waitMs: 1, highWater });
  return board;
}

function counted(board: StreamBoard, store: Partial<DependencyFacts> = { state: "healthy" }) {
  const known = { sinceMs: clock.wallMs(), reason: undefined, refuses: false } as const;
  const facts = new Map([["destination", { state: "unhealthy", ...known, ...store }]] as const);
  const { permanent, passing } = failingStreams({ board, dependencies: { facts }, clock });
  return [permanent, passing];
}

Deno.test("failingStreams counts what waits to be tried again and what needs a person", () => {
  const board = boardWithEvents();
  assert.deepEqual(counted(board), [0, 0]);
  const failed = { type: "stream-failed", error: "no", retryMs: 1 } as const;
  board.take(ORDERS, { ...failed, permanent: true });
  board.take(CARTS, { ...failed, permanent: false });
  assert.deepEqual(counted(board), [1, 1]);
});

Deno.test("failingStreams counts at once what cannot be stored because the destination refuses", () => {
  assert.deepEqual(counted(boardWithEvents(), { refuses: true }), [1, 0]);
});

Deno.test("failingStreams counts what cannot be stored while the destination is away for long", () => {
  const board = boardWithEvents();
  assert.deepEqual(counted(board, {}), [0, 0]);
  const sinceMs = clock.wallMs() - AWAY_MS_MAX - 1;
  assert.deepEqual(counted(board, { sinceMs }), [0, 1]);
  assert.deepEqual(counted(board, { sinceMs, state: "healthy" }), [0, 0]);
});

Deno.test("failingStreams counts a stream that is tried while a service refuses, whoever had it before", () => {
  const board = new StreamBoard(clock);
  board.take(ORDERS, { type: "stream-started", generation: 2 });
  const known = { sinceMs: clock.wallMs(), reason: "bad auth" };
  const counts = (mongodb: Pick<DependencyFacts, "state" | "refuses">) => {
    const facts = new Map([["mongodb", { ...known, ...mongodb }]] as const);
    return failingStreams({ board, dependencies: { facts }, clock });
  };
  assert.deepEqual(counts({ state: "unhealthy", refuses: true }), { permanent: 1, passing: 0 });
  assert.deepEqual(counts({ state: "unhealthy", refuses: false }), { permanent: 0, passing: 0 });
  assert.deepEqual(counts({ state: "healthy", refuses: false }), { permanent: 0, passing: 0 });
});
