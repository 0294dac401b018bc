import assert from "node:assert/strict";
import { createRedisNews } from "../../../../src/coordinate/redis/redis_news.ts";
import { LOOK } from "../../../../src/coordinate/redis/redis_look.ts";
import { fakeCaller } from "../fake_caller.ts";

const PREFIX = "{tributary:orders}";

Deno.test("createRedisNews tells with one SET that expires", async () => {
  const redis = fakeCaller("OK");
  await createRedisNews(redis, PREFIX).tell({ owner: "a", streams: [] }, 1000.5);
  const text = `{"owner":"a","streams":[],"ttlMs":1001}`;
  assert.deepEqual(redis.calls, [["SET", `${PREFIX}:news:a`, text, "PX", 1001]]);
});

Deno.test("createRedisNews asks for all at once, and skips who is gone or says strange things", async () => {
  const redis = fakeCaller([null, -2, "what?", 9, `{"owner":"c","streams":[],"ttlMs":1000}`, 400]);
  const news = createRedisNews(redis, PREFIX);
  assert.deepEqual(await news.read(["a", "b", "c"]), [{ owner: "c", streams: [], ageMs: 600 }]);
  const keys = ["a", "b", "c"].map((owner) => `${PREFIX}:news:${owner}`);
  assert.deepEqual(redis.calls, [["EVAL", LOOK, 3, ...keys]]);
  assert.deepEqual(await createRedisNews(fakeCaller(), PREFIX).read([]), []);
});
