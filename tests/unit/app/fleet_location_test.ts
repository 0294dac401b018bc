import assert from "node:assert/strict";
import { meetingPlace } from "../../../src/app/fleet_location.ts";
import { Resources } from "../../../src/app/adapters.ts";
import { systemClock } from "../../../src/support/clock.ts";
import { silentLog } from "../../../src/support/log.ts";
import { systemRandom } from "../../../src/support/random.ts";
import { configOf } from "../../support/load_config.ts";

const TOOLS = { clock: systemClock, random: systemRandom, log: silentLog, hostName: "host-1" };

async function placeOf(env: Readonly<Record<string, string>>) {
  const config = configOf(env);
  const resources = new Resources(config, TOOLS, new AbortController().signal);
  const place = meetingPlace(config, resources);
  await resources.release();
  return place;
}

Deno.test("meetingPlace is this process where nothing is shared", async () => {
  assert.deepEqual(await placeOf({ LEASES: "memory" }), { kind: "memory" });
});

Deno.test("meetingPlace is where the lake's own files lie, which costs nothing in a folder", async () => {
  const timing = { DISTRIBUTED_LOCK_REFRESH_INTERVAL: "7s" };
  const areFree = async (env: Readonly<Record<string, string>>) => {
    const place = await placeOf({ ...timing, ...env });
    assert(place.kind === "objects");
    assert.equal(place.refreshMs, 7000);
    return place.areFree;
  };
  assert.equal(await areFree({}), false);
  assert.equal(await areFree({ DESTINATION: "file:///lake" }), true);
  assert.equal(await areFree({ JOURNAL: "file:///journal" }), true);
});

Deno.test("meetingPlace is Redis, with all keys of a pipeline in one slot", async () => {
  const env = { REDIS_URL: "redis://cache:6379", DISTRIBUTED_LOCK_KEY: "t" };
  const place = await placeOf({ ...env, PIPELINE_NAME: "orders" });
  assert(place.kind === "redis");
  assert.equal(place.prefix, "{t:orders}");
  assert.equal(place.redis !== undefined, true);
});
