import assert from "node:assert/strict";
import { PermanentError } from "../../../src/model/errors.ts";
import { connectRedis, type RedisConnection } from "../../../src/state/redis_connection.ts";
import { createRedisState } from "../../../src/state/redis_state.ts";
import { systemClock } from "../../../src/support/clock.ts";
import { systemRandom } from "../../../src/support/random.ts";
import { state } from "../../contract/state_store_contract.ts";
import { redisUrl, uniqueName } from "../../support/services.ts";

Deno.test("createRedisState keeps a state as a hash that redis-cli shows", async () => {
  await using test = open();
  const store = createRedisState(test.redis, { keyPrefix: test.keyPrefix });
  await store.save("deployment", state(4));
  const key = `${test.keyPrefix}:state:deployment`;
  assert.equal(await test.redis.call("HGET", key, "events"), "4000");
  assert.equal(
    await test.redis.call("HGET", key, "position"),
    '{"operationTime":{"t":1763690000,"i":4},"data":""}',
  );
  assert.equal(await test.redis.call("PTTL", key), -1);
});

Deno.test("createRedisState gives states the expiry it is told, and takes it off again", async () => {
  await using test = open();
  const expiring = createRedisState(test.redis, { keyPrefix: test.keyPrefix, expiryMs: 3_600_000 });
  await expiring.save("deployment", state(4));
  const keys = [`${test.keyPrefix}:state:deployment`, `${test.keyPrefix}:states`];
  for (const key of keys) {
    const left = await test.redis.call("PTTL", key) as number;
    assert(left > 0 && left <= 3_600_000, `${key}: ${left}`);
  }
  await createRedisState(test.redis, { keyPrefix: test.keyPrefix }).save("deployment", state(4));
  for (const key of keys) assert.equal(await test.redis.call("PTTL", key), -1);
});

Deno.test("createRedisState forgets an expired state in its list", async () => {
  await using test = open();
  const store = createRedisState(test.redis, { keyPrefix: test.keyPrefix });
  await store.save("deployment", state(1));
  await store.save("database.shop", state(2));
  await test.redis.call("DEL", `${test.keyPrefix}:state:deployment`);
  assert.deepEqual([...(await store.list()).keys()], ["database.shop"]);
  assert.deepEqual(await test.redis.call("SMEMBERS", `${test.keyPrefix}:states`), [
    "database.shop",
  ]);
});

Deno.test("createRedisState names the key and field of a state somebody has damaged", async () => {
  await using test = open();
  const store = createRedisState(test.redis, { keyPrefix: test.keyPrefix });
  const key = `${test.keyPrefix}:state:deployment`;
  const cases: [field: string, value: string, message: RegExp][] = [
    ["events", "many", /:state:deployment": field "events" is "many" instead of a whole number/],
    ["position", "{", /:state:deployment": field "position" is not JSON: \{$/],
    ["position", "{}", /field "position.operationTime" is missing$/],
  ];
  for (const [field, value, message] of cases) {
    await store.save("deployment", state(4));
    await test.redis.call("HSET", key, field, value);
    await assert.rejects(store.load("deployment"), (error) => {
      assert(error instanceof PermanentError);
      assert.match(error.message, message);
      return true;
    });
    // It hides no other, and the next save replaces it.
    await store.save("other", state(1));
    assert.deepEqual([...(await store.list()).keys()], ["other"]);
    await store.save("deployment", state(4));
    assert.deepEqual(await store.load("deployment"), state(4));
  }
});

Deno.test("createRedisState says so where a key is something else", async () => {
  await using test = open();
  const store = createRedisState(test.redis, { keyPrefix: test.keyPrefix });
  await test.redis.call("SET", `${test.keyPrefix}:state:deployment`, "text");
  await assert.rejects(store.load("deployment"), /^PermanentError: .*WRONGTYPE/);
  await assert.rejects(store.save("deployment", state(1)), /^PermanentError: .*WRONGTYPE/);
});

interface RedisTest extends AsyncDisposable {
  readonly redis: RedisConnection;
  readonly keyPrefix: string;
}

function open(): RedisTest {
  const redis = connectRedis(redisUrl(), {
    clock: systemClock,
    random: systemRandom,
    callMsMax: 60_000,
  });
  const keyPrefix = `{${uniqueName("redis-state")}:pipeline}`;
  return {
    redis,
    keyPrefix,
    async [Symbol.asyncDispose]() {
      const names = ["states", "state:deployment", "state:database.shop"];
      await redis.call("DEL", ...names.map((name) => `${keyPrefix}:${name}`));
      await redis.close();
    },
  };
}
