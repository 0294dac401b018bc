import assert from "node:assert/strict";
import { LOOK, lookAt } from "../../../../src/coordinate/redis/redis_look.ts";
import { fakeCaller } from "../fake_caller.ts";

Deno.test("lookAt tells of each key what it holds and how long", async () => {
  const redis = fakeCaller(["one", 700, null, -2, "stays", -1]);
  assert.deepEqual(await lookAt(redis, ["a", "b", "c"]), [
    { value: "one", leftMs: 700 },
    { value: null, leftMs: Infinity },
    { value: "stays", leftMs: Infinity },
  ]);
  assert.deepEqual(redis.calls, [["EVAL", LOOK, 3, "a", "b", "c"]]);
});

Deno.test("lookAt asks nothing about no keys", async () => {
  const redis = fakeCaller();
  assert.deepEqual(await lookAt(redis, []), []);
  assert.deepEqual(redis.calls, []);
});
