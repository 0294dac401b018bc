import assert from "node:assert/strict";
import { ChangeCounter } from "../../../../src/coordinate/memory/change_counter.ts";
import type { LeaseEvent } from "../../../../src/coordinate/events.ts";
import type { LeaseStore } from "../../../../src/coordinate/lease/lease_store.ts";
import { createMemoryLeaseStore } from "../../../../src/coordinate/memory/memory_lease_store.ts";
import { createTimedLeases } from "../../../../src/coordinate/lease/timed_leases.ts";
import { PermanentError, TransientError } from "../../../../src/model/errors.ts";
import { SeededRandom } from "../../../support/seeded_random.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const TTL_MS = 30_000;
const REFRESH_MS = 10_000;
/** Nine tenths of the TTL. */
const DEADLINE_MS = 27_000;
const STREAM = "deployment";

function world(
  change: (store: LeaseStore, clock: VirtualClock) => Partial<LeaseStore> = () => ({}),
) {
  const clock = new VirtualClock();
  const store = createMemoryLeaseStore(clock, new ChangeCounter());
  const events: LeaseEvent[] = [];
  const leasesOf = (owner: string, used: LeaseStore) =>
    createTimedLeases({
      store: used,
      owner,
      instance: owner,
      ttlMs: TTL_MS,
      refreshMs: REFRESH_MS,
      clock,
      random: new SeededRandom(1),
      observe: (event) => events.push(event),
    });
  const leases = leasesOf("a", { ...store, ...change(store, clock) });
  return { clock, store, events, leases, others: leasesOf("b", store) };
}

Deno.test("createTimedLeases keeps a lease alive for as long as it is refreshed", async () => {
  const { clock, leases, others, events } = world();
  const lease = (await leases.acquire(STREAM))!;
  assert.equal(lease.owner, "a");
  assert.equal(lease.generation, 1);
  await clock.advance(10 * TTL_MS);
  assert.equal(lease.isValid(), true);
  assert.equal(lease.signal.aborted, false);
  assert.equal(await others.acquire(STREAM), undefined);
  assert.equal(events.filter(({ type }) => type === "locks-refreshed").length, 30);
  await lease.release();
  assert.equal(clock.timerCount, 0);
  assert.equal((await others.acquire(STREAM))?.generation, 2);
});

Deno.test("a released lease is over, and releasing it again takes nothing from its next holder", async () => {
  const { leases, others, store } = world();
  const lease = (await leases.acquire(STREAM))!;
  await lease.release();
  assert.equal(lease.isValid(), false);
  assert.match(String(lease.signal.reason), /^FencedError: The lease of "deployment" was released/);
  const next = (await others.acquire(STREAM))!;
  await lease.release();
  assert.equal(next.isValid(), true);
  assert.equal((await store.list())[0]?.owner, "b");
  await next.release();
});

Deno.test("createTimedLeases gives no lease twice to one instance", async () => {
  const { leases } = world();
  const lease = (await leases.acquire(STREAM))!;
  assert.equal(await leases.acquire(STREAM), undefined);
  await lease.release();
  await (await leases.acquire(STREAM))!.release();
});

Deno.test("a lease ends at its deadline while the store is away, before anybody else can have it", async () => {
  const away = () => Promise.reject(new TransientError("no answer"));
  const { clock, leases, others, events } = world(() => ({ refresh: away }));
  const lease = (await leases.acquire(STREAM))!;
  await clock.advance(DEADLINE_MS - 1);
  assert.equal(lease.isValid(), true);
  await clock.advance(1);
  assert.equal(lease.isValid(), false);
  assert.match(String(lease.signal.reason), /FencedError: .* is over: not refreshed for 27s/);
  assert.equal(await others.acquire(STREAM), undefined);
  await clock.advance(TTL_MS - DEADLINE_MS);
  assert.notEqual(await others.acquire(STREAM), undefined);
  const failures = events.filter(({ type }) => type === "lock-refresh-failed").length;
  assert(failures > 10 && failures < 50, `${failures} refreshes failed`);
});

Deno.test("a lease tells whether the store refuses its refresh, or does not answer", async () => {
  for (const error of [new PermanentError("NOAUTH"), new TransientError("no answer")]) {
    const { clock, leases, events } = world(() => ({ refresh: () => Promise.reject(error) }));
    await leases.acquire(STREAM);
    await clock.advance(DEADLINE_MS - 1);
    const failure = events.find(({ type }) => type === "lock-refresh-failed")!;
    assert.equal("refuses" in failure, error instanceof PermanentError);
  }
});

Deno.test("a refresh that never answers does not keep the lease", async () => {
  const { clock, leases } = world(() => ({ refresh: () => new Promise(() => {}) }));
  const lease = (await leases.acquire(STREAM))!;
  await clock.advance(DEADLINE_MS);
  assert.equal(lease.signal.aborted, true);
  assert.equal(clock.timerCount, 0);
});

Deno.test("a lease goes on when the store answers again in time", async () => {
  let isAway = false;
  const { clock, leases } = world((store) => ({
    refresh: (...args) =>
      isAway ? Promise.reject(new TransientError("no answer")) : store.refresh(...args),
  }));
  const lease = (await leases.acquire(STREAM))!;
  await clock.advance(REFRESH_MS - 1);
  isAway = true;
  await clock.advance(16_000);
  isAway = false;
  await clock.advance(5 * TTL_MS);
  assert.equal(lease.isValid(), true);
  await lease.release();
});

Deno.test("the deadline counts from before the refresh was sent", async () => {
  let delayMs = 0;
  const { clock, leases } = world((store, clock) => ({
    refresh: async (...args) => {
      const answer = await store.refresh(...args);
      await new Promise<void>((resolve) => clock.after(delayMs, resolve));
      delayMs = Infinity;
      return answer;
    },
  }));
  const lease = (await leases.acquire(STREAM))!;
  delayMs = 8000;
  // Sent at 10 s, answered at 18 s; the next one is never answered.
  await clock.advance(REFRESH_MS + DEADLINE_MS - 1);
  assert.equal(lease.isValid(), true);
  await clock.advance(1);
  assert.equal(lease.isValid(), false);
});

Deno.test("an answer that is older than the last one brings the deadline nearer", async () => {
  const answers = [{ agoMs: 5000 }];
  const { clock, leases } = world(() => ({
    refresh: () => {
      const answer = answers.pop();
      return answer === undefined ? new Promise(() => {}) : Promise.resolve(answer);
    },
  }));
  const lease = (await leases.acquire(STREAM))!;
  await clock.advance(1000);
  lease.recheck();
  // Refreshed as of four seconds before it was had; the next refresh is never answered.
  await clock.advance(DEADLINE_MS - 5000 - 1);
  assert.equal(lease.signal.aborted, false);
  await clock.advance(1);
  assert.equal(lease.signal.aborted, true);
});

Deno.test("refreshes leave the timer of the deadline alone: there may be thousands", async () => {
  const timers = { set: 0 };
  const { clock, leases, events } = world();
  const after = clock.after.bind(clock);
  clock.after = (...args) => {
    timers.set++;
    return after(...args);
  };
  const lease = (await leases.acquire(STREAM))!;
  await clock.advance(10 * TTL_MS);
  assert.equal(events.filter(({ type }) => type === "locks-refreshed").length, 30);
  assert(timers.set < 50, `${timers.set} timers were set in 30 refreshes`);
  await lease.release();
  assert.equal(clock.timerCount, 0);
});

/** A store that refreshes several leases with one request, and which it was asked for together. */
function together(refuses: (stream: string) => boolean = () => false) {
  const asked: string[][] = [];
  const scene = world((store) => ({
    refreshAll: (claims, ttlMs) => {
      asked.push(claims.map(({ stream }) => stream));
      return Promise.all(claims.map(({ stream, claim }) => {
        return refuses(stream)
          ? Promise.reject(new TransientError("away"))
          : store.refresh(stream, claim, ttlMs);
      }));
    },
  }));
  return { ...scene, asked };
}

Deno.test("the leases of an owner are refreshed together, and each has its own end", async () => {
  const { clock, leases, store, asked } = together();
  let hangs = false;
  const kept = (await leases.acquire("kept"))!;
  await clock.advance(1000);
  const hanging = (await leases.acquire("hanging", () => !hangs))!;
  const lost = (await leases.acquire("lost"))!;
  await clock.advance(9000);
  assert.deepEqual(asked.splice(0), [["kept", "hanging", "lost"]]);
  hangs = true;
  await store.releaseAny("lost");
  await clock.advance(REFRESH_MS);
  assert.deepEqual(asked.splice(0), [["kept", "lost"]]);
  assert.equal(lost.signal.aborted, true);
  await clock.advance(2 * REFRESH_MS);
  assert.deepEqual(asked.splice(0), [["kept"], ["kept"]]);
  assert.deepEqual([kept.isValid(), hanging.isValid()], [true, false]);
  await kept.release();
  assert.equal(clock.timerCount, 0);
});

Deno.test("leases whose common refresh fails are tried again soon, and end each at its deadline", async () => {
  const { clock, leases, asked } = together(() => true);
  const [first, second] = [(await leases.acquire("a"))!, (await leases.acquire("b"))!];
  await clock.advance(REFRESH_MS + 5000);
  assert(asked.length > 5 && asked.every((streams) => streams.length === 2), `${asked.length}`);
  assert.deepEqual([first.isValid(), second.isValid()], [true, true]);
  await clock.advance(DEADLINE_MS - REFRESH_MS - 5000);
  assert.deepEqual([first.signal.aborted, second.signal.aborted], [true, true]);
  assert.equal(clock.timerCount, 0);
});

Deno.test("a lease whose grant took too long is given back instead of used", async () => {
  const { clock, leases, store } = world((store, clock) => ({
    take: async (...args) => {
      const generation = await store.take(...args);
      await new Promise<void>((resolve) => clock.after(DEADLINE_MS, resolve));
      return generation;
    },
  }));
  assert.equal(await clock.finish(leases.acquire(STREAM)), undefined);
  assert.deepEqual(await store.list(), []);
  assert.equal(clock.timerCount, 0);
});

Deno.test("a lease that a person has ended is lost at the next refresh, and not made again", async () => {
  const { clock, leases, store } = world();
  const lease = (await leases.acquire(STREAM))!;
  await store.releaseAny(STREAM);
  assert.equal(lease.isValid(), true);
  await clock.advance(REFRESH_MS);
  assert.match(String(lease.signal.reason), /is lost: it was released, or forgotten/);
  assert.deepEqual(await store.list(), []);
  assert.equal((await leases.acquire(STREAM))?.generation, 2);
});

Deno.test("a lease that somebody else got is lost at the next refresh, and left alone", async () => {
  const { clock, leases, others, store } = world();
  const lease = (await leases.acquire(STREAM))!;
  await store.releaseAny(STREAM);
  const next = (await others.acquire(STREAM))!;
  await clock.advance(REFRESH_MS);
  assert.match(String(lease.signal.reason), /is lost: somebody else has it/);
  await lease.release();
  assert.equal((await store.list())[0]?.owner, "b");
  assert.equal(next.isValid(), true);
  await next.release();
});

Deno.test("a stream that hangs cannot keep its lease, one that comes back in time does", async () => {
  const { clock, leases, others, events } = world();
  let alive = true;
  const lease = (await leases.acquire(STREAM, () => alive))!;
  await clock.advance(REFRESH_MS - 1);
  alive = false;
  await clock.advance(10_000);
  alive = true;
  await clock.advance(TTL_MS);
  assert.equal(lease.isValid(), true);
  alive = false;
  await clock.advance(REFRESH_MS + TTL_MS);
  assert.equal(lease.isValid(), false);
  assert.notEqual(await others.acquire(STREAM), undefined);
  assert(events.some((e) => e.type === "lock-refresh-failed" && e.reason === "the stream hangs"));
});

Deno.test("a lease is over when the wall clock says so: the other one may have stood still", async () => {
  const { clock, leases, events } = world();
  const lease = (await leases.acquire(STREAM))!;
  await clock.advance(5000);
  clock.stepWall(DEADLINE_MS);
  assert.equal(lease.isValid(), false);
  await clock.advance(REFRESH_MS);
  assert.equal(lease.signal.aborted, true);
  assert.deepEqual(events, []);
});

Deno.test("a wall clock that is put back lets no lease live longer", async () => {
  const away = () => Promise.reject(new TransientError("no answer"));
  const { clock, leases } = world(() => ({ refresh: away }));
  const lease = (await leases.acquire(STREAM))!;
  clock.stepWall(-3_600_000);
  await clock.advance(DEADLINE_MS);
  assert.equal(lease.signal.aborted, true);
});

Deno.test("a zombie that wakes up after its deadline does not refresh", async () => {
  let refreshes = 0;
  const { clock, leases, others } = world((store) => ({
    refresh: (...args) => {
      refreshes++;
      return store.refresh(...args);
    },
  }));
  const lease = (await leases.acquire(STREAM))!;
  // All timers of a stopped process come due at once; here the refresh is the first of them.
  clock.stepWall(2 * TTL_MS);
  await clock.advance(REFRESH_MS);
  assert.equal(refreshes, 0);
  assert.equal(lease.signal.aborted, true);
  await clock.advance(TTL_MS);
  assert.notEqual(await others.acquire(STREAM), undefined);
});

Deno.test("a store that fails to give a lease leaves nothing behind", async () => {
  const failing = () => Promise.reject(new TransientError("no answer"));
  const { clock, leases } = world(() => ({ take: failing }));
  await assert.rejects(leases.acquire(STREAM), /no answer/);
  await assert.rejects(leases.acquire(STREAM), /no answer/);
  assert.equal(clock.timerCount, 0);
});

Deno.test("a lease without a TTL sets no timer", async () => {
  const clock = new VirtualClock();
  const leases = createTimedLeases({
    store: createMemoryLeaseStore(clock, new ChangeCounter()),
    owner: "a",
    instance: "a",
    ttlMs: Infinity,
    refreshMs: Infinity,
    clock,
    random: new SeededRandom(1),
    observe: () => {},
  });
  const lease = (await leases.acquire(STREAM))!;
  assert.equal(clock.timerCount, 0);
  assert.equal(lease.isValid(), true);
  await lease.release();
});
