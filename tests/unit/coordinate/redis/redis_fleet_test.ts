import assert from "node:assert/strict";
import { createRedisFleet } from "../../../../src/coordinate/redis/redis_fleet.ts";
import { fakeCaller } from "../fake_caller.ts";

const PREFIX = "{tributary:orders}";

Deno.test("createRedisFleet tells changes with one GET, also where nothing ever changed", async () => {
  const redis = fakeCaller(null, "12");
  const fleet = createRedisFleet(redis, PREFIX);
  assert.notEqual(await fleet.changes(), await fleet.changes());
  assert.deepEqual(redis.calls, [["GET", `${PREFIX}:changes`], ["GET", `${PREFIX}:changes`]]);
});
