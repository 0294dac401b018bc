import assert from "node:assert/strict";
import { openLeasedFleet } from "../../../src/app/leased_fleet.ts";
import { Resources } from "../../../src/app/adapters.ts";
import { systemClock } from "../../../src/support/clock.ts";
import { type Log, silentLog } from "../../../src/support/log.ts";
import { systemRandom } from "../../../src/support/random.ts";
import { configOf } from "../../support/load_config.ts";
import { withCarelessS3 } from "../../support/careless_s3.ts";

const SELF = { owner: "host-1-a", instance: "host-1", version: "1.0.0" };

async function open(env: Readonly<Record<string, string>>, log: Log = silentLog) {
  const tools = { clock: systemClock, random: systemRandom, log, hostName: "host-1" };
  const config = configOf(env);
  const resources = new Resources(config, tools, new AbortController().signal);
  const fleet = await openLeasedFleet(config, tools, resources, SELF).finally(() =>
    resources.release()
  );
  return fleet;
}

Deno.test("a store that ignores If-Match is refused with what to choose instead, or left alone", async () => {
  await withCarelessS3(async (env) => {
    await assert.rejects(
      open({ ...env, LEASES: "destination" }),
      /s3:\/\/lake\/shop: .*ignores If-Match.*; set REDIS_URL .*, or LEASES=memory for one copy alone$/,
    );
    const said: string[] = [];
    const log = { ...silentLog, warn: (message: string) => void said.push(message) };
    assert.equal((await open(env, log)).isShared, false);
    assert.deepEqual(said, ["This copy shares its streams with no other one"]);
    assert.equal((await open({ ...env, LEASES: "memory" })).isShared, false);
  });
});

Deno.test("an instance waits for those of an older version that have leases in files", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const state = `${folder}/state`;
    const env = { DESTINATION: `file://${folder}/lake`, STATE_STORE: `file://${state}` };
    const fleet = await open({ ...env, PIPELINE_NAME: "p" });
    assert.equal(await fleet.elsewhere!(), undefined);
    const members = `${state}/p/fleet/members`;
    await Deno.mkdir(members, { recursive: true });
    const since = "2026-11-21T00:00:00.000Z";
    const old = { owner: "o", instance: "old", version: "0.1.0", since, streams: [], failed: 0 };
    const endMs = systemClock.wallMs() + 600_000;
    const text = JSON.stringify({ endMs, ...old, isLeaving: false });
    await Deno.writeTextFile(`${members}/old.json`, text);
    const other = await open({ ...env, PIPELINE_NAME: "p" });
    assert.match((await other.elsewhere!())!, /^Waiting for instance old of version 0\.1\.0/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
