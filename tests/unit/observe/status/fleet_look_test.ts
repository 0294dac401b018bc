import assert from "node:assert/strict";
import type { FleetView } from "../../../../src/coordinate/fleet_view.ts";
import { FleetLook, type OwnNews } from "../../../../src/observe/status/fleet_look.ts";
import { CARTS } from "../../../support/monitor.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const NEWS: OwnNews = { streams: [] };

const SILENT: FleetView = {
  instances: [{
    ...{ id: "x", name: "host-2", version: "1", since: "", leaving: false, streams: 1, failed: 0 },
    silence: { forMs: 40_000, leaseMsLeft: 9000 },
  }],
  streams: [{
    ...{ ...CARTS, owner: "x", silentMs: 40_000 },
    ...{ events: 1, objects: 1, bytes: 1, deadLetters: 0, paused: false },
  }],
};

Deno.test("FleetLook says how often it tells, and what it tells is kept for longer than its lease", async () => {
  const told: unknown[] = [];
  const tell = (...args: unknown[]) => Promise.resolve(void told.push(args));
  const source = { tell, view: () => Promise.resolve(SILENT) };
  const look = new FleetLook(source, 60_000, new VirtualClock());
  await look.look(() => NEWS, new AbortController().signal);
  assert.deepEqual(told, [[{ everyMs: 5000, streams: [] }, 90_000]]);
});

Deno.test("FleetLook does not call those silent who could not be heard, until they have had time to talk", async () => {
  const clock = new VirtualClock();
  let isAway = false;
  const tell = () => isAway ? Promise.reject(new Error("away")) : Promise.resolve();
  const fleet = new FleetLook({ tell, view: () => Promise.resolve(SILENT) }, 30_000, clock);
  const looked = () => fleet.look(() => NEWS, new AbortController().signal);
  const silent = () => {
    const { instances, streams } = fleet.facts!.view;
    return [instances[0]!.silence?.forMs, streams[0]!.silentMs];
  };
  await looked();
  assert.deepEqual(silent(), [40_000, 40_000]);
  isAway = true;
  await assert.rejects(looked());
  isAway = false;
  await looked();
  assert.deepEqual(silent(), [undefined, undefined]);
  await clock.advance(9999);
  await looked();
  assert.deepEqual(silent(), [undefined, undefined]);
  await clock.advance(1);
  await looked();
  assert.deepEqual(silent(), [40_000, 40_000]);
});
