import assert from "node:assert/strict";
import type { CoordinateEvent } from "../../../../src/coordinate/events.ts";
import { logCoordinateEvent } from "../../../../src/observe/log/coordinate_log.ts";
import type { Log, LogFields } from "../../../../src/support/log.ts";

function logged(event: CoordinateEvent): [string, string, LogFields | undefined][] {
  const lines: [string, string, LogFields | undefined][] = [];
  const line = (level: string) => (message: string, fields?: LogFields) =>
    void lines.push([level, message, fields]);
  const log: Log = {
    debug: line("debug"),
    info: line("info"),
    warn: line("warn"),
    error: line("error"),
  };
  logCoordinateEvent(log, "app-1", event);
  return lines;
}

const LEASE = { stream: "collection.shop.orders.e1.2of4", generation: 3 };
const SHOWN = { stream: "collection:shop.orders 2/4", generation: 3, instance: "app-1" };

Deno.test("logCoordinateEvent says the three lines that people look for, with stream, generation, instance", () => {
  assert.deepEqual(logged({ type: "lock-acquired", ...LEASE }), [
    ["info", "Lock acquired", SHOWN],
  ]);
  const released = { ...LEASE, reason: "handed-over", heldMs: 1500.25, drainMs: 20.5 } as const;
  assert.deepEqual(logged({ type: "lock-released", ...released }), [
    ["info", "Lock released", { ...SHOWN, reason: "handed-over", heldMs: 1500, drainMs: 21 }],
  ]);
  assert.deepEqual(logged({ type: "lock-lost", ...LEASE, reason: "gone", heldMs: 7 }), [
    ["warn", "Lock lost", { ...SHOWN, reason: "gone", heldMs: 7 }],
  ]);
});

Deno.test("logCoordinateEvent keeps quiet about refreshes", () => {
  assert.deepEqual(logged({ type: "locks-refreshed", streams: [LEASE.stream] }), []);
});

Deno.test("logCoordinateEvent shows a key that is no stream's as it is", () => {
  const [[, , fields]] = logged({ type: "lock-acquired", stream: "nightly", generation: 1 }) as [
    [string, string, LogFields],
  ];
  assert.equal(fields.stream, "nightly");
});

Deno.test("logCoordinateEvent names the instances", () => {
  assert.deepEqual(logged({ type: "members-changed", instances: ["app-1", "app-2"] }), [
    ["info", "Instances changed", { instances: ["app-1", "app-2"], instance: "app-1" }],
  ]);
});
