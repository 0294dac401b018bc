import assert from "node:assert/strict";
import { runFake } from "../../../support/fake_host.ts";
import { fleetFolder } from "../../../support/fleet_folder.ts";
import { withInstance } from "../../../support/instance_server.ts";

const LONG_MS = 3_600_000;
const SINCE = "2026-11-21T00:00:00.000Z";

Deno.test("status says what fails the instance here, though nothing of it lies where the instances meet", async () => {
  await using place = await fleetFolder();
  const member = { version: "0.1.0", since: SINCE, failed: 0, isLeaving: false, streams: [] };
  await place.fleet.members.announce(
    { ...member, owner: "host-1-abc", instance: "app-1" },
    LONG_MS,
  );
  const told = async (id: string) => {
    const instance = { id, name: "app-1", pipeline: "orders", version: "0.1.0" };
    let said: Awaited<ReturnType<typeof runFake>> | undefined;
    await withInstance({ instance }, async ({ port, monitor }) => {
      monitor.destinationFailed("the bucket refuses writes", true, true);
      const env = { ...place.env, HTTP_ADDRESS: `127.0.0.1:${port}` };
      said = await runFake("status", { env });
    });
    return said!;
  };
  const here = await told("host-1-abc");
  assert.equal(here.code, 0);
  assert.match(here.stderr, /^The instance at http:\S+ says:\n$/);
  assert.match(here.stdout, /The destination refuses: the bucket refuses writes\./);
  // Another one on this machine that does not meet the others there.
  const stranger = await told("host-9-abc");
  assert.equal(stranger.stderr, "");
  assert.doesNotMatch(stranger.stdout, /refuses/);
});
