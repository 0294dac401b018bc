import assert from "node:assert/strict";
import { isShared } from "../../../src/cli/fleet_settings.ts";
import { fakeHost } from "../../support/fake_host.ts";
import { configOf } from "../../support/load_config.ts";

Deno.test("isShared says what to set where leases are nobody else's business", () => {
  const { host, stderr } = fakeHost({});
  assert.equal(isShared(configOf({ LEASES: "memory" }), host), false);
  assert.match(stderr.join(""), /set LEASES=destination, or REDIS_URL/);
});

Deno.test("isShared is quiet where instances meet", () => {
  const { host, stderr } = fakeHost({});
  assert.equal(isShared(configOf({ REDIS_URL: "redis://cache:6379" }), host), true);
  assert.equal(isShared(configOf({}), host), true);
  assert.deepEqual(stderr, []);
});
