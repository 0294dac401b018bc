import assert from "node:assert/strict";
import { meet } from "../../../src/app/fleet_admin.ts";
import { systemClock } from "../../../src/support/clock.ts";
import { silentLog } from "../../../src/support/log.ts";
import { systemRandom } from "../../../src/support/random.ts";
import { fleetFolder } from "../../support/fleet_folder.ts";
import { configOf } from "../../support/load_config.ts";

const TOOLS = { clock: systemClock, random: systemRandom, log: silentLog, hostName: "host-1" };

Deno.test("meet opens the folder that the settings name, and says when it was reached", async () => {
  await using place = await fleetFolder();
  let isReached = false;
  const command = {
    tools: TOOLS,
    signal: new AbortController().signal,
    reached: () => isReached = true,
  };
  const leases = await meet(configOf(place.env), command, async (meeting) => {
    assert.equal(isReached, true);
    const lease = await meeting.hold("nightly", { ttlMs: 60_000, isPatient: false });
    const held = await place.fleet.leases.list();
    await lease?.release();
    return held;
  });
  assert.match(leases[0]!.owner, /^host-1-[0-9a-f-]{36}$/);
  assert.equal(leases[0]!.instance, "laptop");
});
