import assert from "node:assert/strict";
import { ChangeCounter } from "../../../../src/coordinate/memory/change_counter.ts";
import type { CoordinateEvent } from "../../../../src/coordinate/events.ts";
import type { StreamCondition } from "../../../../src/model/stream_condition.ts";
import { HeldStream } from "../../../../src/coordinate/lease/held_stream.ts";
import { createMemoryLeaseStore } from "../../../../src/coordinate/memory/memory_lease_store.ts";
import { createTimedLeases } from "../../../../src/coordinate/lease/timed_leases.ts";
import { TransientError } from "../../../../src/model/errors.ts";
import { SeededRandom } from "../../../support/seeded_random.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

async function holdOne(releaseFails = false) {
  const clock = new VirtualClock();
  const memory = createMemoryLeaseStore(clock, new ChangeCounter());
  const release = () => Promise.reject(new TransientError("no answer"));
  const store = releaseFails ? { ...memory, release } : memory;
  const events: CoordinateEvent[] = [];
  const observe = (event: CoordinateEvent) => void events.push(event);
  const leases = createTimedLeases({
    ...{ store, owner: "a", instance: "a", ttlMs: 30_000, refreshMs: 10_000 },
    ...{ clock, random: new SeededRandom(1), observe: () => {} },
  });
  const ended = Promise.withResolvers<void>();
  const running = {
    condition: "opening" as StreamCondition,
    isAlive: () => true,
    ended: ended.promise,
  };
  let stop: AbortSignal | undefined;
  let changes = 0;
  const held = new HeldStream("x", (await leases.acquire("x"))!, {
    clock,
    observe,
    changed: () => changes++,
    start: (_key, _lease, signal, changed) => {
      stop = signal;
      changed();
      return running;
    },
  });
  return { clock, memory, events, running, held, end: ended.resolve, stop: stop!, changes };
}

Deno.test("HeldStream releases its lease only when the stream has ended", async () => {
  const { clock, held, end, stop, memory, events } = await holdOne();
  await clock.advance(5000);
  held.stop("handed-over");
  held.stop("stopped");
  assert.equal(stop.aborted, true);
  assert.equal(held.isEnding, true);
  await clock.advance(700);
  assert.equal((await memory.list()).length, 1);
  assert.equal(held.lease.isValid(), true);
  end();
  await clock.finish(held.over);
  assert.deepEqual(await memory.list(), []);
  const [released] = events;
  assert.deepEqual(released, {
    ...{ type: "lock-released", stream: "x", generation: 1, reason: "handed-over" },
    ...{ heldMs: 5700, drainMs: 700 },
  });
});

Deno.test("HeldStream tells at once that its lease is lost, and ends when the stream does", async () => {
  const { clock, held, end, stop, memory, events } = await holdOne();
  await memory.releaseAny("x");
  await clock.advance(10_000);
  assert.equal(events[0]?.type, "lock-lost");
  assert.equal(held.lostLease, true);
  assert.equal(held.isEnding, true);
  assert.equal(stop.aborted, false);
  await clock.advance(400);
  assert.equal(held.lostForMs(), 400);
  end();
  await clock.finish(held.over);
  assert.equal(events.length, 1);
});

Deno.test("HeldStream says when a stream ended by itself", async () => {
  const { clock, held, end, events } = await holdOne();
  end();
  await clock.finish(held.over);
  assert(events[0]?.type === "lock-released");
  assert.equal(events[0].reason, "finished");
  assert.equal(events[0].drainMs, 0);
});

Deno.test("HeldStream is over also where the lease cannot be given back", async () => {
  const { clock, held, end, events } = await holdOne(true);
  held.stop("stopped");
  end();
  await clock.finish(held.over);
  assert.deepEqual(events, [{
    ...{ type: "lock-release-failed", stream: "x", generation: 1 },
    ...{ reason: "no answer", heldMs: 0 },
  }]);
});

Deno.test("HeldStream has a condition from the start, and passes on that it changed", async () => {
  const { held, running, changes, end, clock } = await holdOne();
  assert.equal(changes, 1);
  assert.equal(held.condition, "opening");
  running.condition = "running";
  assert.equal(held.condition, "running");
  end();
  await clock.finish(held.over);
});
