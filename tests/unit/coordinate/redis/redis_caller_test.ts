import assert from "node:assert/strict";
import { fleetKeys } from "../../../../src/coordinate/redis/redis_caller.ts";

Deno.test("fleetKeys puts all keys of a pipeline in one slot: all begin with the same braces", () => {
  const keys = fleetKeys("{tributary:orders}");
  assert.equal(keys.lock("database.shop"), "{tributary:orders}:lock:database.shop");
  assert.equal(keys.generation("database.shop"), "{tributary:orders}:generation:database.shop");
  assert.equal(keys.member("host-1"), "{tributary:orders}:member:host-1");
  for (const key of [keys.locks, keys.members, keys.changes]) {
    assert.match(key, /^\{tributary:orders\}:\w+$/);
  }
});
