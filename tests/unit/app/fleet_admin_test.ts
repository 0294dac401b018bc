import assert from "node:assert/strict";
import { meet } from "../../../src/app/fleet_admin.ts";
import { systemClock } from "../../../src/support/clock.ts";
import { silentLog } from "../../../src/support/log.ts";
import { systemRandom } from "../../../src/support/random.ts";
import { withCarelessS3 } from "../../support/careless_s3.ts";
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

Deno.test("meet says why there is nothing where the store ignores If-Match, and whom to ask", async () => {
  await withCarelessS3(async (env) => {
    const command = { tools: TOOLS, signal: new AbortController().signal, reached: () => {} };
    await assert.rejects(
      meet(configOf(env), command, (meeting) => meeting.view()),
      /s3:\/\/lake\/shop: it ignores If-Match, so .*; ask one of them with --url, or set REDIS_URL/,
    );
  });
});
