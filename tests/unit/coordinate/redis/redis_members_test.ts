import assert from "node:assert/strict";
import { createRedisMembers } from "../../../../src/coordinate/redis/redis_members.ts";
import { LOOK } from "../../../../src/coordinate/redis/redis_look.ts";
import { fakeCaller } from "../fake_caller.ts";

const PREFIX = "{tributary:orders}";
const MEMBER = {
  owner: "a",
  instance: "a",
  version: "0.1.0",
  since: "t",
  streams: [],
  failed: 0,
  isLeaving: false,
};

Deno.test("createRedisMembers leaves out who is silent, and takes it out of the set", async () => {
  const redis = fakeCaller(["b", "a"], [JSON.stringify(MEMBER), 700, null, -2], 1);
  assert.deepEqual(await createRedisMembers(redis, PREFIX).list(), [{ ...MEMBER, leftMs: 700 }]);
  const [smembers, look, forget] = redis.calls;
  assert.deepEqual(smembers, ["SMEMBERS", `${PREFIX}:members`]);
  assert.deepEqual(look, ["EVAL", LOOK, 2, `${PREFIX}:member:a`, `${PREFIX}:member:b`]);
  assert.deepEqual(forget!.slice(2), [2, `${PREFIX}:member:b`, `${PREFIX}:members`, "b"]);
});

Deno.test("createRedisMembers asks for no members where there are none, and skips strange ones", async () => {
  assert.deepEqual(await createRedisMembers(fakeCaller([]), PREFIX).list(), []);
  assert.deepEqual(await createRedisMembers(fakeCaller(["a"], ["what?", 700]), PREFIX).list(), []);
});
