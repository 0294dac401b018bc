/** Serves the status page as the program does, of a status that a test makes up. */
import { startHttp } from "../../src/observe/http_server.ts";
import type { LogTail } from "../../src/observe/log_tail.ts";
import type { Monitor } from "../../src/observe/monitor.ts";
import type { StageTime } from "../../src/observe/stage_times.ts";
import type { Status } from "../../src/observe/status.ts";
import { systemClock } from "../../src/support/clock.ts";

export interface StatusPageOptions {
  readonly status: () => Status;
  readonly token?: string;
  readonly logTail?: LogTail;
  readonly stages?: readonly StageTime[];
  readonly port?: number;
}

export interface StatusPage extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
}

export async function serveStatusPage(options: StatusPageOptions): Promise<StatusPage> {
  const { token, logTail, status, stages = [], port = 0 } = options;
  const server = await startHttp({
    address: { host: "127.0.0.1", port, ...(token === undefined ? {} : { token }) },
    monitor: {
      health: () => ({ status: "healthy" }) as ReturnType<Monitor["health"]>,
      readiness: () => ({ ready: true, reasons: [] }),
      metrics: () => Promise.resolve({ text: "", contentType: "text/plain" }),
      status,
      stageTimes: () => stages,
      ratesOverTime: (keys) => ratesOf(status(), keys),
    },
    ...(logTail === undefined ? {} : { logTail }),
    act: () => Promise.resolve("done"),
    clock: systemClock,
  });
  return {
    url: `http://127.0.0.1:${server.port}/`,
    port: server.port,
    [Symbol.asyncDispose]: () => Promise.resolve(server[Symbol.asyncDispose]()),
  };
}

/** What the streams say of their last five minutes. */
function ratesOf(
  { streams }: Status,
  keys: readonly string[],
): ReturnType<Monitor["ratesOverTime"]> {
  const length = Math.max(0, ...streams.map(({ rates }) => rates.length));
  const at = (rates: readonly number[], i: number) => rates[rates.length - length + i] ?? 0;
  return {
    secondsAgo: Array.from({ length }, (_, i) => (length - 1 - i) * 5),
    total: Array.from(
      { length },
      (_, i) => streams.reduce((sum, { rates }) => sum + at(rates, i), 0),
    ),
    streams: Object.fromEntries(
      streams.filter(({ key }) => keys.includes(key)).map(({ key, rates }) => [key, rates]),
    ),
  };
}
