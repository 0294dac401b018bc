/** What becomes of leases when the Redis behind them dies, stands still, forgets, or fails over. */
import assert from "node:assert/strict";
import type { Fleet } from "../../src/coordinate/fleet.ts";
import { openFleet } from "../../src/coordinate/open_fleet.ts";
import type { HeldLease, Leases } from "../../src/coordinate/lease/leases.ts";
import { createTimedLeases } from "../../src/coordinate/lease/timed_leases.ts";
import { TransientError } from "../../src/model/errors.ts";
import { connectRedis } from "../../src/state/redis_connection.ts";
import { systemClock } from "../../src/support/clock.ts";
import { systemRandom } from "../../src/support/random.ts";
import { eventually } from "../support/eventually.ts";
import {
  command,
  type RedisForm,
  startCluster,
  startSentinel,
  startStandalone,
} from "../support/redis_forms.ts";

const TTL_MS = 3000;
const REFRESH_MS = 1000;
const STREAM = "collection.shop.orders";

interface Instance extends AsyncDisposable {
  readonly fleet: Fleet;
  readonly leases: Leases;
}

function instance(form: RedisForm, owner: string): Instance {
  const parts = { clock: systemClock, random: systemRandom, callMsMax: 1000, ...form.options };
  const redis = connectRedis(form.url, parts);
  const place = { kind: "redis", redis, prefix: "{tributary:faults}" } as const;
  const fleet = openFleet(place, systemClock, systemRandom);
  const leases = createTimedLeases({
    ...{ store: fleet.leases, owner, instance: owner, ttlMs: TTL_MS, refreshMs: REFRESH_MS },
    ...{ clock: systemClock, random: systemRandom, observe: () => {} },
  });
  return { fleet, leases, [Symbol.asyncDispose]: () => redis.close() };
}

/** Asks until it has the lease, as the coordinator does. */
async function acquire(leases: Leases): Promise<HeldLease> {
  for (;;) {
    try {
      const lease = await leases.acquire(STREAM);
      if (lease !== undefined) return lease;
    } catch (error) {
      assert(error instanceof TransientError, String(error));
    }
    await new Promise<void>((resolve) => systemClock.after(50, resolve));
  }
}

async function ended(lease: HeldLease): Promise<string> {
  await eventually(() => lease.signal.aborted);
  assert.equal(lease.isValid(), false);
  return String(lease.signal.reason);
}

Deno.test("a lease ends by itself when Redis is killed, and is had again when Redis is back", async () => {
  await using redis = await startStandalone();
  await using a = instance(redis, "a");
  for (let generation = 1; generation < 5; generation++) await (await acquire(a.leases)).release();
  const lease = await acquire(a.leases);
  assert.equal(lease.generation, 5);
  redis.servers[0]!.kill("SIGKILL");
  await redis.servers[0]!.exited();
  assert.match(await ended(lease), /not refreshed for/);
  await redis.servers[0]!.restart();
  const again = await acquire(a.leases);
  // It has forgotten the generations; the journal has not. An answer that was lost costs one.
  assert.ok(again.generation < lease.generation, String(again.generation));
  await again.release();
});

Deno.test("a lease ends by itself when Redis stands still", async () => {
  await using redis = await startStandalone();
  await using a = instance(redis, "a");
  await using b = instance(redis, "b");
  const lease = await acquire(a.leases);
  redis.servers[0]!.kill("SIGSTOP");
  assert.match(await ended(lease), /not refreshed for/);
  redis.servers[0]!.kill("SIGCONT");
  const next = await acquire(b.leases);
  assert(next.generation > lease.generation);
  await next.release();
  await lease.release();
});

Deno.test("a lease that Redis has forgotten is lost, and a second holder's is left alone", async () => {
  await using redis = await startStandalone();
  await using a = instance(redis, "a");
  await using b = instance(redis, "b");
  const lease = await acquire(a.leases);
  await command(redis.url, "FLUSHALL");
  const next = await acquire(b.leases);
  // Both have the generation 1: the owner tells them apart.
  assert.equal(next.generation, lease.generation);
  assert.match(await ended(lease), /somebody else has it/);
  await lease.release();
  assert.deepEqual((await b.fleet.leases.list()).map(({ owner }) => owner), ["b"]);
  await next.release();
});

Deno.test("a lease is lost when Redis comes back empty before the deadline", async () => {
  await using redis = await startStandalone();
  await using a = instance(redis, "a");
  const lease = await acquire(a.leases);
  await redis.servers[0]!.restart();
  assert.match(await ended(lease), /it was released, or forgotten|not refreshed for/);
  const again = await acquire(a.leases);
  assert.equal(again.isValid(), true);
  await again.release();
});

Deno.test("a lease that is deleted by hand is lost, and had again with a higher generation", async () => {
  await using redis = await startStandalone();
  await using a = instance(redis, "a");
  const lease = await acquire(a.leases);
  const key = `{tributary:faults}:lock:${STREAM}`;
  const shown = JSON.parse(String(await command(redis.url, "GET", key)));
  const { since, ...others } = shown;
  assert.match(since, /^\d{4}-\d\d-\d\dT/);
  assert.deepEqual(others, { owner: "a", generation: 1, instance: "a", stream: STREAM });
  assert(Number(await command(redis.url, "PTTL", key)) <= TTL_MS);
  assert.equal(await command(redis.url, "DEL", key), 1);
  assert.match(await ended(lease), /it was released, or forgotten/);
  assert.equal(await command(redis.url, "EXISTS", key), 0);
  const again = await acquire(a.leases);
  assert.equal(again.generation, 2);
  await again.release();
});

Deno.test("what a stranger has written in place of a lock blocks the stream, and is shown", async () => {
  await using redis = await startStandalone();
  await using a = instance(redis, "a");
  const lease = await acquire(a.leases);
  await command(redis.url, "SET", `{tributary:faults}:lock:${STREAM}`, "maintenance");
  assert.match(await ended(lease), /somebody else has it/);
  const [shown] = await a.fleet.leases.list();
  assert.equal(shown?.owner, "maintenance");
  assert.equal(shown.leftMs, Infinity);
  assert.equal(await a.leases.acquire(STREAM), undefined);
  assert.equal(await a.fleet.leases.releaseAny(STREAM), true);
  await (await acquire(a.leases)).release();
});

Deno.test("leases go on after a failover to the replica", async () => {
  await using redis = await startSentinel();
  await using a = instance(redis, "a");
  await (await acquire(a.leases)).release();
  const [master, replica] = redis.servers;
  master!.kill("SIGKILL");
  await master!.exited();
  const lease = await acquire(a.leases);
  assert.match(String(await command(replica!.url, "INFO", "replication")), /role:master/);
  assert.equal(lease.isValid(), true);
  await lease.release();
});

Deno.test("a Cluster without the node of a pipeline is a Redis that is away", async () => {
  await using redis = await startCluster();
  await using a = instance(redis, "a");
  const lease = await acquire(a.leases);
  const slot = Number(
    await command(redis.servers[0]!.url, "CLUSTER", "KEYSLOT", "{tributary:faults}"),
  );
  const node = redis.servers[Math.floor(slot / Math.ceil(16_384 / 3))]!;
  node.kill("SIGSTOP");
  assert.match(await ended(lease), /not refreshed for/);
  node.kill("SIGCONT");
  const again = await acquire(a.leases);
  assert.equal(again.generation, 2);
  await again.release();
});

Deno.test("first calls at the same time all reach a Cluster, whichever node has their key", async () => {
  await using redis = await startCluster();
  for (const key of ["{a}", "{b}", "{c}", "{d}", "{e}", "{f}"]) {
    const options = { clock: systemClock, random: systemRandom, callMsMax: 60_000 };
    const connection = connectRedis(redis.url, { ...options, ...redis.options });
    const calls = Array.from({ length: 10 }, (_, i) => connection.call("SET", key, i));
    const answers = await Promise.allSettled(calls);
    await connection.close();
    assert.deepEqual(answers.filter(({ status }) => status === "rejected"), []);
  }
});
