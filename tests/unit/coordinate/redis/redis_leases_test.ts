import assert from "node:assert/strict";
import { createRedisLeaseStore } from "../../../../src/coordinate/redis/redis_leases.ts";
import { ACQUIRE, REFRESH } from "../../../../src/coordinate/redis/redis_lease_scripts.ts";
import { LOOK } from "../../../../src/coordinate/redis/redis_look.ts";
import { fakeCaller } from "../fake_caller.ts";

const PREFIX = "{tributary:orders}";

Deno.test("createRedisLeaseStore takes a lease in one script, whose value says who, since when", async () => {
  const redis = fakeCaller(7);
  const holder = { owner: 'host-"1"', instance: "one", since: "2026-11-21T00:00:00.000Z" };
  assert.equal(await createRedisLeaseStore(redis, PREFIX).take("deployment", holder, 1500.2), 7);
  const [[command, script, keyCount, lock, generation, locks, begin, rest, ttl, stream]] = redis
    .calls as [[string, string, number, ...string[]]];
  assert.deepEqual([command, script, keyCount], ["EVAL", ACQUIRE, 3]);
  assert.deepEqual([lock, generation, locks], [
    `${PREFIX}:lock:deployment`,
    `${PREFIX}:generation:deployment`,
    `${PREFIX}:locks`,
  ]);
  assert.deepEqual(JSON.parse(`${begin}"generation":7${rest}`), {
    generation: 7,
    stream: "deployment",
    ...holder,
  });
  assert.deepEqual([ttl, stream], [1501, "deployment"]);
});

Deno.test("createRedisLeaseStore compares owner, generation and since when up to the comma", async () => {
  const redis = fakeCaller(1, 0, -1);
  const store = createRedisLeaseStore(redis, PREFIX);
  const claim = { owner: "host-1", generation: 1, since: "2026-11-21T00:00:00.000Z" };
  assert.equal(await store.refresh("deployment", claim, 1000), "refreshed");
  assert.equal(await store.refresh("deployment", claim, 1000), "gone");
  assert.equal(await store.refresh("deployment", claim, 1000), "taken");
  // Without the comma the claim of generation 1 would fit generation 12.
  const beginning = '{"owner":"host-1","generation":1,"since":"2026-11-21T00:00:00.000Z",';
  const args = [REFRESH, 1, `${PREFIX}:lock:deployment`, beginning, 1000];
  assert.deepEqual(redis.calls[0], ["EVAL", ...args]);
});

Deno.test("createRedisLeaseStore looks at many locks in several scripts", async () => {
  const streams = Array.from({ length: 1001 }, (_, i) => `s${String(i).padStart(4, "0")}`);
  const value = '{"owner":"a","generation":3,"instance":"i","stream":"s0001","since":"t"}';
  const first = streams.slice(0, 500).flatMap((_, i) => i === 1 ? [value, 250] : [null, -2]);
  const redis = fakeCaller(streams.toReversed(), first, new Array(1000).fill(null), [null, -2]);
  const leases = await createRedisLeaseStore(redis, PREFIX).list();
  assert.deepEqual(leases, [
    { owner: "a", generation: 3, instance: "i", stream: "s0001", since: "t", leftMs: 250 },
  ]);
  const counts = redis.calls.slice(1).map(([, script, count]) => [script === LOOK, count]);
  assert.deepEqual(counts, [[true, 500], [true, 500], [true, 1]]);
});

Deno.test("createRedisLeaseStore shows what is no value of ours as an owner of its own", async () => {
  for (const value of ["maintenance", "[]", "null", '{"owner":1,"generation":1}']) {
    const redis = fakeCaller(["x"], [value, -1]);
    const [lease] = await createRedisLeaseStore(redis, PREFIX).list();
    assert.deepEqual([lease?.owner, lease?.generation, lease?.leftMs], [value, 0, Infinity]);
  }
});
