import assert from "node:assert/strict";
import { createRedisNews } from "../../../../src/coordinate/redis/redis_news.ts";
import { fakeCaller } from "../fake_caller.ts";

const PREFIX = "{tributary:orders}";

Deno.test("createRedisNews tells with one SET that expires", async () => {
  const redis = fakeCaller("OK");
  await createRedisNews(redis, PREFIX).tell({ owner: "a", streams: [] }, 1000.5);
  const text = `{"owner":"a","streams":[]}`;
  assert.deepEqual(redis.calls, [["SET", `${PREFIX}:news:a`, text, "PX", 1001]]);
});

Deno.test("createRedisNews asks for all at once, and skips who is gone or says strange things", async () => {
  const redis = fakeCaller([null, "what?", `{"owner":"c","streams":[]}`]);
  const news = createRedisNews(redis, PREFIX);
  assert.deepEqual(await news.read(["a", "b", "c"]), [{ owner: "c", streams: [] }]);
  const keys = ["a", "b", "c"].map((owner) => `${PREFIX}:news:${owner}`);
  assert.deepEqual(redis.calls, [["MGET", ...keys]]);
  assert.deepEqual(await createRedisNews(fakeCaller(), PREFIX).read([]), []);
});
