/** An instance that is only variables, with a real server. */
import type { ActionOutcome, HttpAddress } from "../../src/observe/http/http_routes.ts";
import { startHttp } from "../../src/observe/http/http_server.ts";
import type { Monitor } from "../../src/observe/monitor.ts";
import type { MonitorOptions } from "../../src/observe/monitor_options.ts";
import { systemClock } from "../../src/support/clock.ts";
import { newMonitor } from "./monitor.ts";

export interface InstanceServer {
  readonly port: number;
  readonly monitor: Monitor;
  /** `pause NAME`, as they came. */
  readonly orders: readonly string[];
}

export interface InstanceServerOptions extends Partial<HttpAddress> {
  readonly loops?: MonitorOptions["loops"];
  readonly instance?: MonitorOptions["instance"];
  /** What comes of orders. Default: done. */
  readonly outcome?: ActionOutcome;
}

/** Serves on a free port of this machine while `use` runs. */
export async function withInstance(
  { loops, instance, outcome = "done", ...address }: InstanceServerOptions,
  use: (server: InstanceServer) => Promise<void>,
): Promise<void> {
  const { monitor, clock } = newMonitor({
    ...(loops === undefined ? {} : { loops }),
    ...(instance === undefined ? {} : { instance }),
  });
  await using _ = monitor;
  await clock.settle();
  const orders: string[] = [];
  await using server = await startHttp({
    address: { host: "127.0.0.1", port: 0, ...address },
    monitor,
    act: (action, stream) => {
      orders.push(`${action} ${stream}`);
      return Promise.resolve(outcome);
    },
    clock: systemClock,
  });
  await use({ port: server.port, monitor, orders });
}
