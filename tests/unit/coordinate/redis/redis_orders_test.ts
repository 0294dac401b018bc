import assert from "node:assert/strict";
import { createRedisOrders } from "../../../../src/coordinate/redis/redis_orders.ts";
import { fakeCaller } from "../fake_caller.ts";

Deno.test("createRedisOrders keeps sets that people can read, and tells the instances", async () => {
  const redis = fakeCaller(1, 2, ["a"], 3);
  const orders = createRedisOrders(redis, "{t:p}");
  await orders.pause("a");
  assert.deepEqual([...await orders.paused()], ["a"]);
  await orders.flush("b");
  assert.deepEqual(redis.calls.slice(0, 3), [
    ["SADD", "{t:p}:paused", "a"],
    ["INCR", "{t:p}:changes"],
    ["SMEMBERS", "{t:p}:paused"],
  ]);
  assert.deepEqual(redis.calls[3]!.slice(2), [2, "{t:p}:flushes", "{t:p}:changes", "b", 60_000]);
});

Deno.test("createRedisOrders leaves an order to flush to who was faster", async () => {
  const redis = fakeCaller(["a", "b", "c"], 0, 1);
  assert.deepEqual(await createRedisOrders(redis, "{t:p}").takeFlushes(["a", "c"]), ["c"]);
  assert.deepEqual(redis.calls.slice(1), [
    ["SREM", "{t:p}:flushes", "a"],
    ["SREM", "{t:p}:flushes", "c"],
  ]);
});
