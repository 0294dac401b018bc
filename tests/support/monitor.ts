/** A monitor of an instance that is only variables. */
import { Monitor } from "../../src/observe/monitor.ts";
import type { MonitorOptions } from "../../src/observe/monitor_options.ts";
import type { ObservedStream } from "../../src/observe/status/stream_board.ts";
import type { Position } from "../../src/model/position.ts";
import type { PipelineEvent } from "../../src/pipeline/events.ts";
import { VirtualClock } from "./virtual_clock.ts";

export const ORDERS: ObservedStream = {
  key: "collection.shop.orders",
  name: "collection:shop.orders",
};
export const CARTS: ObservedStream = {
  key: "collection.shop.carts",
  name: "collection:shop.carts",
};

/** A monitor on a clock that stands still, whose services answer. */
export function newMonitor(
  options: Partial<MonitorOptions> = {},
): { readonly monitor: Monitor; readonly clock: VirtualClock } {
  const clock = options.clock as VirtualClock ?? new VirtualClock();
  const monitor = new Monitor({
    instance: { id: "host-1-5f0e", name: "host-1", pipeline: "lake/shop", version: "1.2.3" },
    metricsPrefix: "tributary",
    readyMaxLagMs: 300_000,
    budget: { limitBytes: 1000, usedBytes: 10 },
    loops: () => [],
    probes: {
      mongodb: () =>
        Promise.resolve({
          operationTime: secondsAgo(clock, 0).operationTime,
          oldestOplogTime: secondsAgo(clock, 3600).operationTime,
        }),
      destination: () => Promise.resolve(),
    },
    ...options,
    clock,
  });
  return { monitor, clock };
}

/** The position of what happened so long ago. */
export function secondsAgo(clock: VirtualClock, seconds: number): Position {
  return { operationTime: { t: clock.wallMs() / 1000 - seconds, i: 1 }, data: "" };
}

/** The events of a stream that opened and reads. */
export function readingEvents(clock: VirtualClock): PipelineEvent[] {
  const position = secondsAgo(clock, 10);
  return [
    { type: "stream-started", generation: 3 },
    { type: "journal-opened", seq: 4, position },
    { type: "source-opened", position },
  ];
}

/** An object of two inserts and an update. */
export function objectStored(database: string, collection: string | null): PipelineEvent {
  return {
    type: "object-stored",
    key: `db=${database}/coll=${collection}/1.parquet`,
    database,
    collection,
    rows: 3,
    operations: { insert: 2, update: 1 },
    bytes: 500,
    putMs: 40,
    outcome: "created",
  };
}

/** A batch of that object alone. */
export function batchDurable(to: Position): PipelineEvent {
  return {
    type: "batch-durable",
    seq: 5,
    rows: 3,
    objects: 1,
    bytes: 500,
    deadLetters: 0,
    batchMs: 2000,
    to,
    namespace: { database: "shop", collection: "orders" },
  };
}
